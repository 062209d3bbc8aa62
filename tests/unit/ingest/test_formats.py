from __future__ import annotations

import gzip
import re
import zipfile
from typing import TYPE_CHECKING

import polars as pl
import pytest

from engine.errors import ImportFileError
from engine.ingest.formats import FileFormat
from engine.ingest.inspection import inspect
from engine.ingest.rows import RowSource

if TYPE_CHECKING:
    from pathlib import Path

TABLE = b"order,customer,total\n1,2,3\n4,5,6\n"


def put(folder: Path, content: bytes, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_csv_named_parquet_is_read_as_csv(tmp_path: Path) -> None:
    assert inspect(put(tmp_path, TABLE, "orders.parquet")).format is FileFormat.CSV


def test_a_gzip_named_csv_is_read_as_gzip(tmp_path: Path) -> None:
    look = inspect(put(tmp_path, gzip.compress(TABLE, mtime=0)))
    assert look.format is FileFormat.CSV_GZ
    assert look.columns == ("order", "customer", "total")
    assert look.sample == (("1", "2", "3"), ("4", "5", "6"))


def test_a_parquet_named_csv_is_read_as_parquet(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    pl.DataFrame({"order": ["1"], "total": [2.5]}).write_parquet(path)
    look = inspect(path)
    assert (look.format, look.columns) == (FileFormat.PARQUET, ("order", "total"))
    assert look.typed == {"total"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b" \n\n", "empty"),
        (b'{"orders": [1, 2]}', "JSON"),
        (b'[{"order": 1}]', "JSON"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "web page"),
        (b"%PDF-1.7 \n", "PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "Excel"),
        (b"\x00\x01\x02\x03" * 50, "binary"),
        (b"o\0r\0d\0e\0r\0,\0a\0\n\0", "binary"),
        (b"PAR1" + b"x" * 50, "cut short"),
        (gzip.compress(b"", mtime=0), "empty"),
        (gzip.compress(TABLE, mtime=0)[:-10], "cut short or damaged"),
        (gzip.compress(gzip.compress(TABLE, mtime=0), mtime=0), "twice"),
        (b"\x1f\x8b\x08\x00garbage garbage garbage", "cut short or damaged"),
        (b"order,customer,total\n", "header only"),
        (b"order,customer,total", "header only"),
        (b"just words\nand more words\n", "only one column, 'just words'"),
        (b"order^customer^total\n1^2^3\n", "only one column, 'order^customer^total'"),
        (b"order,customer,order\n1,2,3\n", "'order' more than once"),
        (b"order,,total, \n1,2,3,4\n", "column 2, 4 without a name"),
        (b"order,cust\x01omer\n1,2\n", "not text"),
    ],
)
def test_what_cannot_be_a_table_is_refused_by_what_it_looks_like(
    tmp_path: Path, content: bytes, said: str
) -> None:
    with pytest.raises(ImportFileError, match=re.escape(said)):
        inspect(put(tmp_path, content))


def test_an_excel_workbook_named_csv_is_refused_as_one(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    with zipfile.ZipFile(path, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(ImportFileError, match=r"'orders.csv'.*Excel workbook.*save it as CSV"):
        inspect(path)


def test_a_zip_archive_is_refused_as_one(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("orders.csv", TABLE)
    with pytest.raises(ImportFileError, match="ZIP archive"):
        inspect(path)


def test_a_parquet_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.parquet"
    pl.DataFrame({"order": []}, schema={"order": pl.String}).write_parquet(path)
    with pytest.raises(ImportFileError, match="header only"):
        inspect(path)


def test_a_damaged_parquet_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, b"PAR1" + b"x" * 200 + b"PAR1")
    with pytest.raises(ImportFileError, match="damaged Parquet"):
        inspect(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="No such file"):
        inspect(tmp_path / "missing.csv")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(tmp_path: Path, delimiter: str) -> None:
    text = delimiter.join(["order", "customer", "total"]) + "\n"
    text += delimiter.join(["1", '"a, b; c"', "3"]) + "\n"
    look = inspect(put(tmp_path, text.encode()))
    assert (look.delimiter, look.columns) == (delimiter, ("order", "customer", "total"))


def test_decimal_commas_do_not_hide_the_semicolon(tmp_path: Path) -> None:
    look = inspect(put(tmp_path, b"order;total;tax\n1;2,50;0,10\n2;3,75;0,20\n"))
    assert look.delimiter == ";"


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    look = inspect(put(tmp_path, b"\xef\xbb\xbf" + TABLE), encoding="cp1252")
    assert (look.columns[0], look.encoding) == ("order", "utf-8")


def test_utf_16_with_its_mark_is_read(tmp_path: Path) -> None:
    look = inspect(put(tmp_path, "order\tname\n1\tऋषि\n".encode("utf-16")))
    assert look.sample == (("1", "ऋषि"),)


def test_another_encoding_is_offered_where_the_text_is_not_utf_8(tmp_path: Path) -> None:
    content = "order,name\n1,Zoë\n".encode("cp1252")
    assert inspect(put(tmp_path, content)).suggested_encoding == "cp1252"
    assert inspect(put(tmp_path, content), encoding="cp1252").sample == (("1", "Zoë"),)


def test_lines_ended_by_carriage_returns_alone_are_read(tmp_path: Path) -> None:
    assert inspect(put(tmp_path, b"order,total\r1,2\r3,4\r")).sample == (("1", "2"), ("3", "4"))


def test_a_sample_that_ends_inside_a_letter_or_a_row_is_read(tmp_path: Path) -> None:
    long = "id,name\n" + "1,😀😀😀\n" * 70_000
    for text in (long.encode(), long.encode("utf-16"), ("\ufeffx" + long).encode("utf-16-be")):
        assert len(inspect(put(tmp_path, text)).sample[0]) == 2


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ImportFileError, match="cannot be read"):
        inspect(tmp_path)


def test_a_file_that_changed_between_two_looks_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, TABLE)
    source = RowSource(inspect(path), (), {})
    path.write_bytes(b"other,columns,here\n1,2,3\n")
    with pytest.raises(ImportFileError, match="changed while it was read"):
        list(source.rows(lambda *_: None))


def test_a_file_that_goes_away_between_two_looks_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, TABLE)
    source = RowSource(inspect(path), (), {})
    path.unlink()
    with pytest.raises(ImportFileError, match="cannot be read to its end"):
        list(source.rows(lambda *_: None))


def test_utf_16_cut_inside_a_character_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, "id,name\n1,x\n".encode("utf-16") + b"1")
    with pytest.raises(ImportFileError, match="not utf-16 text throughout"):
        list(RowSource(inspect(path), (), {}).rows(lambda *_: None))
