/** The platform's own choice of one of a few. */

import { useId } from "react";
import { Icon } from "./icons";

export interface Option {
  value: string;
  label: string;
}

interface Props {
  label: string;
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  disabled: boolean;
  /** Shown, and not to be chosen, while nothing is. */
  placeholder?: string;
  part?: string;
  className?: string;
}

export function Select(props: Props) {
  const { label, value, options, onChange, disabled, placeholder, part, className } = props;
  const id = useId();
  const known = options.some((one) => one.value === value);
  return (
    <span className={`re-select ${className ?? ""}`}>
      <select
        id={id}
        aria-label={label}
        value={value}
        disabled={disabled}
        data-part={part}
        data-empty={value === "" || undefined}
        onChange={(event) => onChange(event.target.value)}
      >
        {placeholder !== undefined && value === "" && (
          <option value="" disabled hidden>
            {placeholder}
          </option>
        )}
        {!known && value !== "" && <option value={value}>{value}</option>}
        {options.map((one) => (
          <option key={one.value} value={one.value}>
            {one.label}
          </option>
        ))}
      </select>
      <Icon name="chevron" />
    </span>
  );
}
