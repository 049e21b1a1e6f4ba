// What zlib offers only as a macro, under a name of our own.
#pragma once

#include <zlib.h>

// 15 is the largest window; 16 more asks for gzip's header and trailer, whose checksum and length zlib then verifies.
static inline int toposync_inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
