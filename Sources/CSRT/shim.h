// libsrt for inputs by SRT. How it is called by the linker pkg-config says: Debian has two builds, with OpenSSL and with GnuTLS. Beside what it
// offers there are functions of our own: for options, whose types it is told by their size, and for addresses.
#pragma once

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <netinet/in.h>
#include <sys/socket.h>

#include <srt/access_control.h>
#include <srt/srt.h>

// Its log is for its authors, and names stream identifiers, which hold passwords: 0 is below all that it writes (LOG_EMERG).
static inline void toposync_srt_silence(void) { srt_setloglevel(0); }

// What a listener and the sockets of its callers are, to be set before it is bound: they never block, live mode is the default.
// Milliseconds; `both_families` is whether IPv4 comes to an IPv6 socket as well.
static inline int toposync_srt_configure(
    SRTSOCKET socket, int latency, int peer_idle_timeout, bool is_ipv6, bool both_families) {
    bool no = false;
    int only_ipv6 = both_families ? 0 : 1;
    // All packets wait for as long as the latency is: room for 50 Mb/s of them with 1316 bytes, between the 8192 that are usual and the
    // window that is (SRTO_FC). It is told in bytes, of packets that fill a datagram.
    int packets = latency * 5 < 8192 ? 8192 : latency * 5 > 25600 ? 25600 : latency * 5;
    int buffer_size = packets * (1500 - 28);
    if (srt_setsockflag(socket, SRTO_RCVSYN, &no, sizeof no) != 0) return -1;
    if (srt_setsockflag(socket, SRTO_SNDSYN, &no, sizeof no) != 0) return -1;
    // An address that another listener of this process has is taken, as one of another process is.
    if (srt_setsockflag(socket, SRTO_REUSEADDR, &no, sizeof no) != 0) return -1;
    if (srt_setsockflag(socket, SRTO_RCVLATENCY, &latency, sizeof latency) != 0) return -1;
    if (srt_setsockflag(socket, SRTO_RCVBUF, &buffer_size, sizeof buffer_size) != 0) return -1;
    if (srt_setsockflag(socket, SRTO_PEERIDLETIMEO, &peer_idle_timeout, sizeof peer_idle_timeout) != 0) return -1;
    if (is_ipv6 && srt_setsockflag(socket, SRTO_IPV6ONLY, &only_ipv6, sizeof only_ipv6) != 0) return -1;
    return 0;
}

// For the socket of a caller, while it is being decided on.
static inline int toposync_srt_set_passphrase(SRTSOCKET socket, const uint8_t *passphrase, int length) {
    return srt_setsockflag(socket, SRTO_PASSPHRASE, passphrase, length);
}

// An address in the form of IPv6, with IPv4 mapped (RFC 4291 §2.5.5.2), as two numbers.
typedef struct {
    uint64_t high;
    uint64_t low;
    bool is_known;
} toposync_srt_address;

static inline toposync_srt_address toposync_srt_address_of(const struct sockaddr *address) {
    toposync_srt_address result = {0, 0, false};
    if (address == NULL) return result;
    if (address->sa_family == AF_INET) {
        struct sockaddr_in inet;
        memcpy(&inet, address, sizeof inet);
        result.low = 0xFFFF00000000ULL | ntohl(inet.sin_addr.s_addr);
        result.is_known = true;
    } else if (address->sa_family == AF_INET6) {
        struct sockaddr_in6 inet6;
        memcpy(&inet6, address, sizeof inet6);
        for (int index = 0; index < 8; index++) result.high = result.high << 8 | inet6.sin6_addr.s6_addr[index];
        for (int index = 8; index < 16; index++) result.low = result.low << 8 | inet6.sin6_addr.s6_addr[index];
        result.is_known = true;
    }
    return result;
}

static inline toposync_srt_address toposync_srt_peer(SRTSOCKET socket) {
    struct sockaddr_storage storage;
    int length = sizeof storage;
    if (srt_getpeername(socket, (struct sockaddr *)&storage, &length) != 0) return toposync_srt_address_of(NULL);
    return toposync_srt_address_of((const struct sockaddr *)&storage);
}

// The number of the port that a socket is bound to; 0 when it is not.
static inline int toposync_srt_port(SRTSOCKET socket) {
    struct sockaddr_storage storage;
    int length = sizeof storage;
    if (srt_getsockname(socket, (struct sockaddr *)&storage, &length) != 0) return 0;
    if (storage.ss_family == AF_INET) return ntohs(((const struct sockaddr_in *)&storage)->sin_port);
    return storage.ss_family == AF_INET6 ? ntohs(((const struct sockaddr_in6 *)&storage)->sin6_port) : 0;
}

// Decides on a caller before its handshake ends: 0 lets it in. It is called by the thread of libsrt that reads the socket.
typedef int (*toposync_srt_hook)(
    void *opaque, SRTSOCKET socket, int version, const struct sockaddr *peer, const char *stream_id);

static inline int toposync_srt_listen_callback(SRTSOCKET listener, toposync_srt_hook hook, void *opaque) {
    return srt_listen_callback(listener, hook, opaque);
}

// What a caller has said that it wants, with a zero behind it, into 513 bytes; its length, negative when there is none.
static inline int toposync_srt_stream_id(SRTSOCKET socket, uint8_t *text) {
    int length = 513;
    return srt_getsockflag(socket, SRTO_STREAMID, text, &length) == 0 ? length : -1;
}

// Whether both ends had the same passphrase, and what the caller sends is encrypted with it.
static inline bool toposync_srt_is_encrypted(SRTSOCKET socket) {
    int32_t state = SRT_KM_S_UNSECURED;
    int length = sizeof state;
    return srt_getsockflag(socket, SRTO_RCVKMSTATE, &state, &length) == 0 && state == SRT_KM_S_SECURED;
}

static inline SRTSOCKET toposync_srt_accept(SRTSOCKET listener) { return srt_accept(listener, NULL, NULL); }

static inline int toposync_srt_watch(int poll, SRTSOCKET socket) {
    int events = SRT_EPOLL_IN | SRT_EPOLL_ERR;
    return srt_epoll_add_usock(poll, socket, &events);
}

// Waits until something comes to one of the sockets, or one has ended. Their number, at most `capacity`; 0 when nothing has happened.
static inline int toposync_srt_wait(int poll, SRTSOCKET *ready, int capacity, int64_t milliseconds) {
    int count = capacity;
    if (srt_epoll_wait(poll, ready, &count, NULL, NULL, milliseconds, NULL, NULL, NULL, NULL) > 0) return count;
    return srt_getlasterror(NULL) == SRT_ETIMEOUT ? 0 : -1;
}

// Bytes of the next message; 0 when none has come, and negative when the connection is over. `sequence` is its number of 31 bits: the one
// behind the message before, when none was lost.
static inline int toposync_srt_receive(SRTSOCKET socket, uint8_t *buffer, int size, int32_t *sequence) {
    SRT_MSGCTRL control;
    srt_msgctrl_init(&control);
    int count = srt_recvmsg2(socket, (char *)buffer, size, &control);
    *sequence = control.pktseq;
    if (count > 0) return count;
    return count < 0 && srt_getlasterror(NULL) == SRT_EASYNCRCV ? 0 : -1;
}

// The system's number for the last error of this thread; EADDRINUSE also where the address is taken within this process.
static inline int toposync_srt_system_error(void) {
    int number = 0;
    return srt_getlasterror(&number) == SRT_EBINDCONFLICT ? EADDRINUSE : number;
}
