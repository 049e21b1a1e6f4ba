// OpenSSL for WebRTC: DTLS, and the ciphers of SRTP. What it offers only as a macro has a name of our own here.
#pragma once

#include <stdint.h>
#include <sys/time.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>

// DTLS (MediaServer/WebRTC/DTLS).

// What connections speak: DTLS 1.2 alone, without tickets, renegotiation or a search for the size of datagrams.
static inline void toposync_dtls_configure(SSL_CTX *context) {
    SSL_CTX_set_options(context, SSL_OP_NO_QUERY_MTU | SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
    SSL_CTX_set_min_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_max_proto_version(context, DTLS1_2_VERSION);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    // Buffers are only there while something is read or written.
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
}

static inline void toposync_dtls_set_mtu(SSL *ssl, long size) {
    SSL_set_mtu(ssl, size);
    DTLS_set_link_mtu(ssl, size);
}

// Microseconds until something has to be repeated; negative when there is nothing.
static inline int64_t toposync_dtls_timeout(SSL *ssl) {
    struct timeval left;
    if (DTLSv1_get_timeout(ssl, &left) != 1) return -1;
    return (int64_t)left.tv_sec * 1000000 + left.tv_usec;
}

static inline long toposync_dtls_handle_timeout(SSL *ssl) { return DTLSv1_handle_timeout(ssl); }

static inline EVP_PKEY *toposync_make_p256_key(void) { return EVP_EC_gen("P-256"); }
