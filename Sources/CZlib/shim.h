// What zlib offers only as a macro, under a name of our own.
#pragma once

#include <zlib.h>

// Of the window's bits 15 is the most; 16 more asks for gzip's header and trailer, whose checksum and length zlib then verifies,
// and a negative number for neither header nor trailer.
static inline int toposync_inflate_init(z_stream *stream, int window_bits) { return inflateInit2(stream, window_bits); }
