#!/usr/bin/env python3
"""Writes storage/lower_case_table.hpp and tests/storage/lower_case_digest.hpp.

Both say what str.lower() of the running Python does, which is of Unicode 14.0.0 in Python 3.11. The
first is a table, the second a digest over every character, against which the table is tested.
Run it without arguments; with another version of Unicode both files change.
"""
import itertools
import pathlib
import unicodedata

ROOT = pathlib.Path(__file__).resolve().parent.parent
CHARACTERS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
OTHER, CASED, IGNORABLE = range(3)
SIGMAS = "c\u03a3 Ac\u03a3 A\u03a3c A\u03a3cB "


def is_final(before):
    return (before + "\u03a3").lower().endswith("\u03c2")


def sigma_class(c):
    """How a character counts for the sigmas beside it. Python does not show the properties Cased
    and Case_Ignorable, but what it makes of a sigma tells them; what is both is ignorable."""
    if is_final(chr(c)):
        return CASED
    return IGNORABLE if is_final("A" + chr(c)) else OTHER


def lower_runs():
    """[first, last, step, delta]: every step-th character of the run moves by delta."""
    runs = []
    for c in CHARACTERS:
        lower = chr(c).lower()
        if len(lower) > 1:
            assert c == 0x130, hex(c)  # the only one, which lower_case.cpp knows
            continue
        delta = ord(lower) - c
        if delta == 0:
            continue
        if runs:
            run = runs[-1]
            gap = c - run[1]
            if run[3] == delta and (gap == run[2] or (run[0] == run[1] and gap == 2)):
                run[1], run[2] = c, gap
                continue
        runs.append([c, c, 1, delta])
    return runs


def sigma_changes():
    """Where the class changes: the first character of it, times 4, plus the class."""
    changes = []
    last = OTHER
    for c in CHARACTERS:
        now = sigma_class(c)
        if now != last:
            changes.append(c << 2 | now)
            last = now
    return changes


def rows(items):
    lines = [" "]
    for item in items:
        if len(lines[-1]) + len(item) + 2 > 100:
            lines.append(" ")
        lines[-1] += f" {item},"
    return "\n".join(lines)


def fnv1a(data):
    h = 0xCBF29CE484222325
    for byte in data:
        h = (h ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return h


def head(purpose):
    return f"""#pragma once
// {purpose}
// Unicode {unicodedata.unidata_version}; made by tools/make_lower_case.py, not to be edited."""


def table():
    runs = [f"{{{r[0]:#x}, {r[1]:#x}, {r[2]}, {r[3]}}}" for r in lower_runs()]
    changes = [f"{change:#08x}" for change in sigma_changes()]
    return f"""{head("What characters become in lower case; used by lower_case.cpp only.")}
#include <cstdint>

namespace beaver::lower_case_table {{

/// Every step-th character from `first` to `last` moves by `delta`.
struct run {{
  char32_t first;
  char32_t last;
  std::uint32_t step;
  std::int32_t delta;
}};

/// How a character counts for the sigmas beside it.
enum sigma_class : std::uint32_t {{ other, cased, ignorable }};

// clang-format off
/// In the order of the characters. U+0130, which becomes two, is not here.
inline constexpr run runs[]{{
{rows(runs)}
}};

/// Where the class changes: the first character of it, times 4, plus the class. Before all: other.
inline constexpr std::uint32_t sigma_changes[]{{
{rows(changes)}
}};
// clang-format on

}} // namespace beaver::lower_case_table
"""


def digest():
    lower = "".join(chr(c).lower() for c in CHARACTERS)
    sigma = "".join(SIGMAS.replace("c", chr(c)).lower() for c in CHARACTERS)
    words = "".join("".join(w).lower() for w in itertools.product("A\u03a3.1", repeat=6))
    purpose = "What Python's str.lower() does to every character; used by lower_case_test.cpp."
    return f"""{head(purpose)}
#include <cstdint>

namespace beaver::test {{

/// FNV-1a over the lower case of each character, as UTF-8, in their order.
inline constexpr std::uint64_t lower_case_digest = {fnv1a(lower.encode()):#018x};

/// The same over the lower case of "{SIGMAS}" for each character c.
inline constexpr std::uint64_t final_sigma_digest = {fnv1a(sigma.encode()):#018x};

/// The same over the lower case of each word of six out of "A\u03a3.1", in the order of these.
inline constexpr std::uint64_t sigma_words_digest = {fnv1a(words.encode()):#018x};

}} // namespace beaver::test
"""


(ROOT / "storage/lower_case_table.hpp").write_text(table(), encoding="utf-8")
(ROOT / "tests/storage/lower_case_digest.hpp").write_text(digest(), encoding="utf-8")
