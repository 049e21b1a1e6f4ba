import Foundation
import StreamModel

/// The secret that publishers' passwords are derived from (contract B.5).
enum PublishSecret {
    static let byteCount = 32

    /// Reads the file, or makes it with mode 0600 when it is missing or of another length.
    static func load(_ path: String) throws(StartupError) -> [UInt8] {
        do {
            if let bytes = try PrivateFile.read(path, limit: byteCount + 1), bytes.count == byteCount {
                unsafe chmod(path, 0o600)
                return bytes
            }
            let bytes = RandomToken.bytes(byteCount)
            try PrivateFile.write(bytes, to: path)
            return bytes
        } catch {
            throw StartupError("The file \(path) can't be read or written: \(error).")
        }
    }
}

/// Random texts from the system's secure generator.
enum RandomToken {
    static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// Two hexadecimal digits a byte.
    static func hex(byteCount: Int) -> String {
        bytes(byteCount).hexadecimal
    }
}
