"""What the demo's shop sells, with prices in rupees."""

from __future__ import annotations

from typing import NamedTuple


class Product(NamedTuple):
    """One product. ``price`` is in major units of the workspace's currency."""

    sku: str
    name: str
    category: str
    price: str


class Category(NamedTuple):
    """A category: its share of what is sold, how much more at Diwali, and whom it draws."""

    name: str
    share: float
    festive: float
    women: float
    """Share of its regular buyers who are women, in percent."""
    products: tuple[tuple[str, str], ...]


CATEGORIES = (
    Category(
        "Apparel",
        24,
        1.5,
        60,
        (
            ("Cotton Kurta", "899.00"),
            ("Silk Saree", "3499.00"),
            ("Linen Shirt", "1299.00"),
            ("Slim Fit Jeans", "1799.00"),
            ("Printed Dupatta", "449.00"),
            ("Nehru Jacket", "2199.00"),
            ("Kids' Ethnic Set", "1099.00"),
        ),
    ),
    Category(
        "Footwear",
        12,
        1.1,
        48,
        (
            ("Running Shoes", "2499.00"),
            ("Kolhapuri Sandals", "799.00"),
            ("Leather Loafers", "2999.00"),
            ("Flip Flops", "299.00"),
            ("Block Heels", "1599.00"),
            ("School Shoes", "999.00"),
        ),
    ),
    Category(
        "Home & Kitchen",
        18,
        1.7,
        55,
        (
            ("Steel Tiffin Box", "549.00"),
            ("Cotton Bedsheet Set", "1199.00"),
            ("Brass Diya Pair", "399.00"),
            ("Pressure Cooker 5 L", "1849.00"),
            ("Scented Candle Trio", "649.00"),
            ("Mixer Grinder", "3299.00"),
            ("Masala Dabba", "749.00"),
        ),
    ),
    Category(
        "Beauty",
        13,
        1.0,
        78,
        (
            ("Kajal", "249.00"),
            ("Sandalwood Face Pack", "349.00"),
            ("Coconut Hair Oil", "199.50"),
            ("Matte Lipstick", "599.00"),
            ("Sunscreen SPF 50", "475.00"),
            ("Rose Perfume", "1249.00"),
        ),
    ),
    Category(
        "Electronics",
        9,
        1.3,
        34,
        (
            ("Wireless Earbuds", "1999.00"),
            ("Power Bank 20000 mAh", "1499.00"),
            ("Smart Watch", "3999.00"),
            ("Bluetooth Speaker", "2299.00"),
            ("LED Desk Lamp", "899.00"),
            ("Tablet 10 inch", "15999.00"),
        ),
    ),
    Category(
        "Grocery & Sweets",
        13,
        1.8,
        56,
        (
            ("Kaju Katli 500 g", "525.00"),
            ("Assam Tea 1 kg", "480.00"),
            ("Basmati Rice 5 kg", "649.00"),
            ("Cold Pressed Groundnut Oil", "399.00"),
            ("Dry Fruit Gift Box", "1199.00"),
            ("Filter Coffee 500 g", "345.75"),
        ),
    ),
    Category(
        "Jewellery",
        5,
        2.6,
        74,
        (
            ("Silver Anklets", "1899.00"),
            ("Jhumka Earrings", "699.00"),
            ("Kundan Necklace Set", "4999.00"),
            ("Silver Coin 10 g", "1150.00"),
            ("Gold Plated Bangles", "1399.00"),
        ),
    ),
    Category(
        "Books & Toys",
        6,
        0.9,
        52,
        (
            ("Panchatantra Tales", "299.00"),
            ("Wooden Building Blocks", "849.00"),
            ("Carrom Board", "1699.00"),
            ("Cricket Bat Junior", "799.00"),
            ("Colouring Set", "349.00"),
        ),
    ),
)

SHELF = tuple(
    tuple(
        Product(f"{category.name[:3].upper()}-{place:03d}", name, category.name, price)
        for place, (name, price) in enumerate(category.products, 1)
    )
    for category in CATEGORIES
)
"""The products of each category, in the order of :data:`CATEGORIES`."""
