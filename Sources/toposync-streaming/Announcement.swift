import ControlPlane
import Logging

/// What the end of the start-up says beside the address.
struct Announcement {
    var access: AccessMode
    /// The address that sets the administrator's password; nil when it is set.
    var setUp: String?
    /// Of a self-signed certificate.
    var selfSignedFingerprint: String?

    /// For people.
    var notes: [String] {
        let who =
            switch (access, setUp) {
            case (.open, _): "Everybody who reaches this address may watch and change everything (--access open)."
            case (.account, nil): "Users have to sign in."
            case (.account, let setUp?): "Open this address once to set the administrator's password: \(setUp)"
            }
        let certificate = selfSignedFingerprint.map {
            "Browsers warn about its self-signed certificate. The SHA-256 fingerprint is \($0)"
        }
        return [who] + (certificate.map { [$0] } ?? [])
    }

    /// For programs.
    var details: Logger.Metadata {
        var details: Logger.Metadata = ["access": "\(access.rawValue)"]
        if let setUp { details["setup_url"] = "\(setUp)" }
        if let selfSignedFingerprint { details["tls_fingerprint"] = "\(selfSignedFingerprint)" }
        return details
    }
}
