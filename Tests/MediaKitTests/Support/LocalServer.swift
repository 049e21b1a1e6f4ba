import Glibc
import MediaKit
import Synchronization

/// A TCP server on a free port of the loopback, which handles one connection after the other by a closure.
final class LocalServer: Sendable {
    /// One accepted connection. Blocking; closed when the handler returns.
    struct Connection {
        let descriptor: CInt

        /// What comes until a blank line, or nil when the peer has closed.
        func readRequest() -> String? {
            var bytes: [UInt8] = []
            var byte: UInt8 = 0
            while !bytes.ends(with: [13, 10, 13, 10]) {
                guard read(descriptor, &byte, 1) == 1 else { return nil }
                bytes.append(byte)
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        @discardableResult
        func send(_ bytes: [UInt8]) -> Bool {
            var sent = 0
            while sent < bytes.count {
                let count = bytes[sent...].withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
                guard count > 0 else { return false }
                sent += count
            }
            return true
        }

        @discardableResult
        func send(_ text: String) -> Bool { send(Array(text.utf8)) }

        /// Blocks until the peer closes.
        func waitForClose() {
            var byte: UInt8 = 0
            while read(descriptor, &byte, 1) > 0 {}
        }
    }

    let port: UInt16
    /// Connections accepted so far: taken one by one by who waits for them.
    let accepted = BoundedQueue<Bool>(capacity: 100)
    private let listener: CInt
    private let acceptor: DedicatedThread

    init(_ handler: @escaping @Sendable (Connection) -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, size) == 0 && listen(listener, 16) == 0
                    && getsockname(listener, pointer, &size) == 0
            }
        }
        guard bound else { throw MediaError(kind: .other, operation: "listen", reason: "errno \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        let accepted = accepted
        acceptor = DedicatedThread(name: "test server") {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                accepted.push(true)
                _ = DedicatedThread(name: "test peer") {
                    handler(Connection(descriptor: descriptor))
                    close(descriptor)
                }
            }
        }
    }

    deinit {
        shutdown(listener, Int32(SHUT_RDWR))
        // Before the number of the descriptor can be given to another test's server.
        acceptor.join()
        close(listener)
    }

    /// An HTTP/1.1 server of fixed documents by path.
    static func http(_ documents: [String: (type: String, body: [UInt8])]) throws -> LocalServer {
        try LocalServer { connection in
            guard let request = connection.readRequest() else { return }
            let path = String(request.split(separator: " ")[1])
            guard let document = documents[path] else {
                connection.send("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                return
            }
            connection.send(
                "HTTP/1.1 200 OK\r\nContent-Type: \(document.type)\r\nContent-Length: \(document.body.count)\r\n"
                    + "Connection: close\r\n\r\n")
            connection.send(document.body)
        }
    }
}

extension Array where Element == UInt8 {
    fileprivate func ends(with tail: [UInt8]) -> Bool {
        count >= tail.count && Array(suffix(tail.count)) == tail
    }
}
