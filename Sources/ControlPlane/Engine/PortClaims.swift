import Foundation
import Synchronization

/// Ports that an engine is about to take, from when they are chosen until it has them: those of other servers that start at the same
/// time choose others.
///
/// A claim is a name in the abstract namespace of Unix sockets (unix(7)), which one process at a time can have. It reaches as far as
/// ports do, which is the network namespace, and is gone with its process. Other systems than Linux have no such names: there an engine
/// whose port was taken meanwhile is started again.
final class PortClaims: Sendable {
    private struct Claim: Hashable {
        var port: Int
        var kind: PortKind
    }

    /// By the socket that has the name.
    private let held = Mutex<[Claim: CInt]>([:])

    deinit { releaseAll() }

    /// - Returns: whether nobody else has claimed the port.
    func take(_ port: Int, _ kind: PortKind) -> Bool {
        #if os(Linux)
            let claim = Claim(port: port, kind: kind)
            return held.withLock { held in
                guard held[claim] == nil else { return true }
                guard let socket = Self.socket() else { return true }
                guard Self.bind(socket, "toposync-streaming/\(kind)/\(port)") else {
                    let isClaimed = errno == EADDRINUSE
                    close(socket)
                    return !isClaimed
                }
                held[claim] = socket
                return true
            }
        #else
            return true
        #endif
    }

    func release(_ port: Int, _ kind: PortKind) {
        _ = held.withLock { $0.removeValue(forKey: Claim(port: port, kind: kind)) }.map(close)
    }

    func releaseAll() {
        held.withLock { held in
            for socket in held.values { close(socket) }
            held = [:]
        }
    }

    #if os(Linux)
        private static func socket() -> CInt? {
            #if canImport(Glibc)
                let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
            #else
                let type = SOCK_STREAM | SOCK_CLOEXEC
            #endif
            let socket = Foundation.socket(AF_UNIX, type, 0)
            return socket >= 0 ? socket : nil
        }

        private static func bind(_ socket: CInt, _ name: String) -> Bool {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            // The first byte, zero, says that it is no file; the others that are left belong to the name.
            unsafe withUnsafeMutableBytes(of: &address.sun_path) { path in
                for (index, byte) in zip(1..<path.count, name.utf8) { unsafe path[index] = byte }
            }
            return unsafe withUnsafeBytes(of: &address) { bytes in
                unsafe bytes.baseAddress.map {
                    unsafe Foundation.bind(
                        socket, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count)) == 0
                } ?? false
            }
        }
    #endif
}

extension PortAllocator {
    /// Leaves out what other servers have chosen for engines of theirs that don't have it yet.
    ///
    /// - Parameter claims: has what is chosen here, until that is released.
    func claiming(_ claims: PortClaims) -> PortAllocator {
        PortAllocator(
            isFree: { port, kind in
                // In this order: who gives up a claim has the port by then.
                guard claims.take(port, kind) else { return false }
                if isFree(port, kind) { return true }
                claims.release(port, kind)
                return false
            },
            systemAssigned: { systemAssigned().flatMap { claims.take($0, .tcp) ? $0 : nil } },
            release: claims.releaseAll)
    }
}
