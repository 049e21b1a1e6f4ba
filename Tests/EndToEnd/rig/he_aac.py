"""HE-AAC without an encoder of it: AAC-LC, in each of whose frames is said that its sound goes on above what is coded."""

# ISO/IEC 14496-3: a fill element (ID_FIL, §4.5.1) of one byte, which is SBR data (EXT_SBR_DATA, §4.5.2.9) without a header, so that
# decoders double the rate and leave the upper half silent (§4.6.18.2.1); and the end of the frame (ID_END).
_SBR = "110" + "0001" + "1101" + "0000"
_END = "111"


def made_of(coded: bytes) -> bytes:
    """ADTS frames of AAC-LC as those of HE-AAC, which is played at twice their rate, and of one channel as two (parametric stereo)."""
    return b"".join(_with_replication(frame) for frame in _frames(coded))


def _frames(coded: bytes):
    while coded:
        length = int.from_bytes(coded[3:6], "big") >> 5 & 0x1FFF
        yield coded[:length]
        coded = coded[length:]


def _with_replication(frame: bytes) -> bytes:
    header, block = frame[:7], "".join(f"{byte:08b}" for byte in frame[7:])
    # Behind the end there are only zeros, up to a whole byte.
    content = block[: block.rindex(_END)]
    block = content + _SBR + _END
    block += "0" * (-len(block) % 8)
    length = 7 + len(block) // 8
    told = int.from_bytes(header[3:6], "big") & ~(0x1FFF << 5) | length << 5
    return header[:3] + told.to_bytes(3, "big") + header[6:] + bytes(int(block[at : at + 8], 2) for at in range(0, len(block), 8))
