"""Splits an H.264 byte stream into access units, for a camera that plays a clip without encoding it."""

import itertools


def access_units(stream: bytes) -> list[bytes]:
    """The access units of a stream with a delimiter before each (ffmpeg's `h264_metadata=aud=insert`)."""
    starts = []
    position = stream.find(b"\x00\x00\x00\x01\x09")
    while position >= 0:
        starts.append(position)
        position = stream.find(b"\x00\x00\x00\x01\x09", position + 5)
    if not starts:
        raise ValueError("the clip has no access unit delimiters")
    return [stream[start:end] for start, end in itertools.pairwise([*starts, len(stream)])]
