"""Writes the disk of a qcow2 file as it is: `unpack.py FILE.qcow2 DISK`. Only what the one file that is read here needs."""

import struct
import sys
import zlib

MASK = 0x00FFFFFFFFFFFE00
COMPRESSED = 1 << 62


def unpack(source: str, target: str) -> None:
    with open(source, "rb") as image, open(target, "wb") as disk:
        magic, version, _, _, bits, size, _, entries, table = struct.unpack(">4sIQIIQIIQ", image.read(48))
        if magic != b"QFI\xfb" or version != 3:
            sys.exit(f"{source} is no qcow2 file of version 3")
        cluster = 1 << bits
        disk.truncate(size)

        def words(offset: int, count: int) -> tuple[int, ...]:
            image.seek(offset)
            return struct.unpack(f">{count}Q", image.read(8 * count))

        for first, upper in enumerate(words(table, entries)):
            if not upper & MASK:
                continue
            for second, lower in enumerate(words(upper & MASK, cluster // 8)):
                if lower & COMPRESSED:
                    width = 62 - (bits - 8)
                    offset = lower & ((1 << width) - 1)
                    sectors = (lower >> width & ((1 << bits - 8) - 1)) + 1
                    image.seek(offset)
                    data = zlib.decompressobj(-12).decompress(image.read(sectors * 512 - (offset & 511)), cluster)
                elif lower & MASK and not lower & 1:
                    image.seek(lower & MASK)
                    data = image.read(cluster)
                else:
                    continue
                disk.seek((first * (cluster // 8) + second) * cluster)
                disk.write(data)


unpack(*sys.argv[1:])
