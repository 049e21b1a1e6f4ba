// UDP sockets, as far as their control messages and macros keep Swift from it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// Opens a UDP socket at an address; one of IPv6 takes IPv4 as well.
// Returns its descriptor, or an error number below zero.
int toposync_open_datagrams(const struct sockaddr *address, socklen_t address_size);

// Another descriptor of the same socket, or an error number below zero.
int toposync_duplicate(int descriptor);

void toposync_close(int descriptor);

// Sends packets of `packet_size` bytes, of which one begins every `stride` bytes; the last one may be shorter. There are at most 64.
//
// With `segmented` they go through the system as one and are cut apart as late as possible, at best by the network card
// (UDP_SEGMENT); without, each goes on its own, by one system call.
//
// Returns the bytes of the packets that were taken, or an error number below zero when none was.
long toposync_send_datagrams(
    int descriptor, const struct sockaddr *address, socklen_t address_size, const void *bytes, size_t byte_count,
    uint16_t packet_size, size_t stride, bool segmented);
