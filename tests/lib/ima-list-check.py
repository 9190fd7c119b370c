#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Checks an IMA measurement list with nothing but the format's description: an ascii and a binary
list must say the same byte for byte, every template digest is computed anew, no digest may come
twice, the first entry is boot_aggregate, and counts and PCRs must follow from the entries.

    ima-list-check.py ASCII BINARY [--longer] [--hash NAME] [--count FILE] [--violations FILE]
                      [--pcrs BANK=FILE]...
    ima-list-check.py --all FOLDER

--longer: the ascii list was read a moment later and may have more entries. --hash names the digest
of this variant of the lists (default sha1); BANK is sha1 or sha256 and FILE what `evmctl --pcrs`
reads. --all checks every variant in integrity/ima or a copy of it. Prints what is wrong; status 1
if anything is."""
import argparse
import hashlib
import struct
import sys

PCRS = 24


class Broken(Exception):
    """The binary list cannot be read on."""


class Reader:
    def __init__(self, data):
        self.data, self.at = data, 0

    def take(self, n):
        piece = self.data[self.at:self.at + n]
        if len(piece) != n:
            raise Broken("the list ends inside an entry")
        self.at += n
        return piece

    def u32(self):
        return struct.unpack("<I", self.take(4))[0]

    def left(self):
        return self.at < len(self.data)


class Entry:
    """One entry of the binary list; `data` is what the template digest is made of."""

    def __init__(self, reader, size):
        self.pcr = reader.u32()
        self.digest = reader.take(size)
        self.name = reader.take(reader.u32()).decode("ascii")
        if self.name == "ima":
            digest = reader.take(20)
            path = reader.take(reader.u32())
            self.fields = [digest, path]
            self.data = digest + path.ljust(256, b"\0")
        else:
            self.data = reader.take(reader.u32())
            self.fields = []
            inner = Reader(self.data)
            while inner.left():
                self.fields.append(inner.take(inner.u32()))
        self.violation = not any(self.digest)

    def path(self):
        return self.fields[1].rstrip(b"\0")

    def ascii(self):
        line = "%2d %s %s" % (self.pcr, self.digest.hex(), self.name)
        path = self.path().decode("latin1")
        if self.name == "ima":
            return "%s %s %s" % (line, self.fields[0].hex(), path)
        algorithm, _, digest = self.fields[0].partition(b":\0")
        line += " %s:%s %s" % (algorithm.decode("ascii"), digest.hex(), path)
        for extra in self.fields[2:]:
            line += " " + extra.hex()
        return line


def read_binary(data, size):
    reader, entries = Reader(data), []
    while reader.left():
        entries.append(Entry(reader, size))
    return entries


def pcr_values(entries, bank):
    values = [bytes(hashlib.new(bank).digest_size)] * PCRS
    for entry in entries:
        digest = hashlib.new(bank, entry.data).digest()
        if entry.violation:
            digest = b"\xff" * len(digest)
        values[entry.pcr] = hashlib.new(bank, values[entry.pcr] + digest).digest()
    return values


def read_pcrs(path):
    values = []
    for number, line in enumerate(open(path)):
        name, _, value = line.partition(":")
        if name != "PCR-%02d" % number:
            raise Broken("line %d of %s is not PCR-%02d" % (number + 1, path, number))
        values.append(bytes.fromhex(value.replace(" ", "").strip()))
    return values


def problems(options):
    entries = read_binary(open(options.binary, "rb").read(), hashlib.new(options.hash).digest_size)
    if not entries or entries[0].path() != b"boot_aggregate":
        yield "the first entry is not boot_aggregate"
    shown = open(options.ascii, encoding="latin1", newline="\n").read().split("\n")
    if shown.pop() != "":
        yield "the ascii list does not end in a newline"
    if options.longer:
        shown = shown[:len(entries)]
    if len(shown) != len(entries):
        yield "%d lines, but %d binary entries" % (len(shown), len(entries))
    for number, (line, entry) in enumerate(zip(shown, entries), 1):
        if line != entry.ascii():
            yield "line %d is %r, the binary entry says %r" % (number, line, entry.ascii())
    seen = set()
    for number, entry in enumerate(entries, 1):
        if entry.violation:
            continue
        if hashlib.new(options.hash, entry.data).digest() != entry.digest:
            yield "the template digest of entry %d is wrong" % number
        if (entry.pcr, entry.digest) in seen:
            yield "entry %d repeats a template digest" % number
        seen.add((entry.pcr, entry.digest))
    n_violations = sum(entry.violation for entry in entries)
    for path, want in ((options.count, len(entries)), (options.violations, n_violations)):
        if path and open(path).read() != "%d\n" % want:
            yield "%s is %r, the list says %d" % (path, open(path).read(), want)
    for bank, _, path in (pair.partition("=") for pair in options.pcrs):
        got, want = read_pcrs(path), pcr_values(entries, bank)
        if len(got) != PCRS:
            yield "%s has %d PCRs" % (path, len(got))
        for pcr in {entry.pcr for entry in entries}:
            if got[pcr:pcr + 1] != [want[pcr]]:
                yield "PCR-%02d of %s does not follow from the list" % (pcr, path)


def parser():
    result = argparse.ArgumentParser()
    result.add_argument("ascii")
    result.add_argument("binary")
    result.add_argument("--longer", action="store_true")
    result.add_argument("--hash", default="sha1")
    result.add_argument("--count")
    result.add_argument("--violations")
    result.add_argument("--pcrs", action="append", default=[])
    return result


def variants(folder):
    """The command lines that check all of integrity/ima."""
    ascii_list, binary = folder + "/ascii_runtime_measurements", folder + "/binary_runtime_measurements"
    yield [ascii_list, binary, "--count", folder + "/runtime_measurements_count", "--violations",
           folder + "/violations", "--pcrs", "sha1=%s/pcrs_sha1" % folder, "--pcrs",
           "sha256=%s/pcrs_sha256" % folder]
    for name in ("sha1", "sha256", "sha384", "sha512"):
        yield [ascii_list + "_" + name, binary + "_" + name, "--hash", name]


def main():
    bad = 0
    if len(sys.argv) == 3 and sys.argv[1] == "--all":
        lines = variants(sys.argv[2])
    else:
        lines = [sys.argv[1:]]
    for line in lines:
        try:
            for problem in problems(parser().parse_args(line)):
                print("%s: %s" % (line[0], problem))
                bad = 1
        except (Broken, OSError, ValueError, IndexError) as problem:
            print("%s: %s" % (line[0], problem))
            bad = 1
    return bad


if __name__ == "__main__":
    sys.exit(main())
