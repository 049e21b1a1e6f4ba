internal import Glibc
internal import Synchronization

/// Asks for the addresses of a host; libav's own look-up can be neither interrupted nor timed.
///
/// The system's resolver cannot be stopped, so it runs on a thread of its own, which ends when the resolver gives up.
enum HostLookup {
    enum Outcome: Equatable {
        /// In the order of preference.
        case found([NetworkAddress])
        /// With the resolver's text.
        case failed(String)
        /// Interrupted, or out of time.
        case abandoned
    }

    static func resolve(_ host: String, until deadline: MonotonicInstant, interrupt: InterruptFlag) -> Outcome {
        if isNumeric(host) { return look(up: host, flags: AI_NUMERICHOST) }
        guard !interrupt.isInterrupted, .now < deadline else { return .abandoned }
        let outcome = SharedOutcome()
        _ = DedicatedThread(name: "host lookup") {
            outcome.value.withLock { $0 = look(up: host) }
            interrupt.wake()
        }
        interrupt.wait(until: deadline) { outcome.value.withLock { $0 } != nil }
        return outcome.value.withLock { $0 } ?? .abandoned
    }

    /// The addresses of a network source; none for others.
    static func addresses(
        of url: MediaURL, until deadline: MonotonicInstant, interrupt: InterruptFlag
    ) throws(MediaError) -> [NetworkAddress] {
        guard let host = url.host else { return [] }
        switch resolve(host, until: deadline, interrupt: interrupt) {
        case .found(let addresses):
            return addresses
        case .failed(let reason):
            throw MediaError(
                kind: .unreachable, operation: "find host", subject: url.description, reason: reason)
        case .abandoned:
            throw .stopped(interrupt, operation: "find host", subject: url.description)
        }
    }

    private final class SharedOutcome: Sendable {
        let value = Mutex<Outcome?>(nil)
    }

    private static func isNumeric(_ host: String) -> Bool {
        var address = in6_addr()
        return unsafe inet_pton(AF_INET, host, &address) == 1 || inet_pton(AF_INET6, host, &address) == 1
    }

    private static func look(up host: String, flags: CInt = 0) -> Outcome {
        var hints = unsafe addrinfo()
        unsafe hints.ai_flags = flags
        unsafe hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, nil, &hints, &found)
        guard status == 0 else { return unsafe .failed(String(cString: gai_strerror(status))) }
        defer { unsafe freeaddrinfo(found) }
        var addresses: [NetworkAddress] = []
        var next = unsafe found
        while let entry = unsafe next {
            if let address = unsafe entry.pointee.ai_addr {
                unsafe addresses.append(NetworkAddress(address, byteCount: Int(entry.pointee.ai_addrlen)))
            }
            unsafe next = unsafe entry.pointee.ai_next
        }
        return .found(addresses)
    }
}

/// A socket address of IPv4 or IPv6, without a port.
struct NetworkAddress: Hashable, Sendable {
    private var bytes: [UInt8]

    init(_ address: UnsafePointer<sockaddr>, byteCount: Int) {
        bytes = unsafe Array(UnsafeRawBufferPointer(start: address, count: byteCount))
    }

    /// `AF_INET` or `AF_INET6`.
    var family: CInt { unsafe CInt(bytes.withUnsafeBytes { unsafe $0.loadUnaligned(as: sa_family_t.self) }) }

    /// Lends the address with a port filled in, which stands at the same place in both families.
    func withSocketAddress<R>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var copy = bytes
        copy[2] = UInt8(port >> 8)
        copy[3] = UInt8(port & 0xFF)
        return unsafe copy.withUnsafeBytes { buffer in
            guard let address = unsafe buffer.baseAddress?.assumingMemoryBound(to: sockaddr.self) else {
                preconditionFailure("an address is never empty")
            }
            return unsafe body(address, socklen_t(buffer.count))
        }
    }
}
