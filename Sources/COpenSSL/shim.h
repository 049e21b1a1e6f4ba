// OpenSSL for WebRTC: DTLS, and the ciphers of SRTP. What it offers only as a macro has a name of our own here.
#pragma once

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
