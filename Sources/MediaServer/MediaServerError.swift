import NIOCore
import ServerTLS

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Why the engine can't start.
public enum MediaServerError: Error, Equatable, CustomStringConvertible {
    /// `key` names the setting.
    case badAddress(key: String, value: String)
    case portTaken(key: String, address: String)
    case cannotListen(key: String, address: String, reason: String)
    /// A listener that is to be secured has a certificate that can't be used.
    case certificate(CertificateError)
    /// Falling back to another method could let everybody in.
    case unsupportedAuthMethod(String)

    public var description: String {
        switch self {
        case .badAddress(let key, let value):
            "\(key) '\(value)' is not an address; write it like 127.0.0.1:8554 or :8554."
        case .portTaken(let key, let address):
            "\(key) \(address): address already in use; choose another port or end the program that has it."
        case .cannotListen(let key, let address, let reason):
            "\(key) \(address): can't listen there: \(reason)"
        case .certificate(let error): error.description
        case .unsupportedAuthMethod(let method):
            "authMethod '\(method)' is not supported by the built-in engine; use internal, or MediaMTX as the engine."
        }
    }

    init(_ error: any Error, key: String, address: ListenAddress) {
        if ((error as? IOError)?.errnoCode ?? (error as? SRTFailure)?.systemError) == EADDRINUSE {
            self = .portTaken(key: key, address: address.description)
        } else {
            self = .cannotListen(key: key, address: address.description, reason: "\(error)")
        }
    }
}
