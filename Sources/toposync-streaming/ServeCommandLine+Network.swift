import ArgumentParser
import ConnectionLimits
import ControlPlane
import Foundation
import StreamModel
import WebSecurity
import WebServer

/// Where the certificate of a server comes from.
enum CertificateSource: Hashable {
    /// Files that the user provides.
    case files(CertificateFiles)
    /// Made by us, for the names that the machine has. No browser trusts it by itself.
    case selfSigned(names: [String])

    /// Where its files are, once they are there.
    func prepare(dataDirectory: String) throws -> CertificateFiles {
        switch self {
        case .files(let files): return files
        case .selfSigned(let names):
            let folder = NSString(string: dataDirectory).expandingTildeInPath + "/tls"
            return try SelfSignedCertificate(folder: folder).prepare(names: names)
        }
    }
}

/// The settings of proxies, ingress and TLS. An invalid one prevents the start, because ignoring it could trust the wrong
/// peer.
extension ServeCommandLine {
    static func trustedProxies() throws -> TrustedProxies {
        do throws(TrustedProxies.BadEntry) {
            return try TrustedProxies(parsing: Environment["TOPOSYNC_STREAMING_TRUSTED_PROXIES"] ?? "")
        } catch {
            throw ValidationError(
                "TOPOSYNC_STREAMING_TRUSTED_PROXIES names '\(error.text)', which is no address. Write addresses and networks "
                    + "with commas between, such as 192.168.1.2,172.16.0.0/12.")
        }
    }

    /// - Returns: nil for plain HTTP.
    static func certificate(file: String?, key: String?, isSelfSigned: Bool) throws -> CertificateSource? {
        let file = file ?? Environment["TOPOSYNC_STREAMING_TLS_CERTIFICATE"]
        let key = key ?? Environment["TOPOSYNC_STREAMING_TLS_KEY"]
        let isSelfSigned = isSelfSigned || Environment.isOn(Environment["TOPOSYNC_STREAMING_TLS_SELF_SIGNED"])
        switch (file, key, isSelfSigned) {
        case (nil, nil, false): return nil
        case (nil, nil, true):
            return .selfSigned(names: HostName.names(ofMachine: ProcessInfo.processInfo.hostName).sorted())
        case (let file?, let key?, false):
            // The engine works in another folder.
            return .files(CertificateFiles(certificate: absolute(file), key: absolute(key)))
        case (_, _, true):
            throw ValidationError(
                "A certificate is either made (--tls-self-signed) or read from files (--tls-certificate and --tls-key)."
            )
        case (_, nil, false): throw ValidationError("--tls-certificate needs the private key as well: --tls-key.")
        case (nil, _, false): throw ValidationError("--tls-key needs the certificate as well: --tls-certificate.")
        }
    }

    private static func absolute(_ path: String) -> String {
        URL(filePath: NSString(string: path).expandingTildeInPath).standardizedFileURL.path(percentEncoded: false)
    }

    /// - Parameter port: the option's; nil takes the environment's.
    /// - Returns: nil where ingress is off.
    static func ingress(port: Int?) throws -> IngressConfiguration? {
        guard let text = port.map(String.init) ?? Environment["TOPOSYNC_STREAMING_INGRESS_PORT"] else { return nil }
        guard let port = Int(text), (1...65535).contains(port) else {
            throw ValidationError("The ingress port has to be a number from 1 to 65535, not '\(text)'.")
        }
        let peerText = Environment["TOPOSYNC_STREAMING_INGRESS_PEER"] ?? IngressConfiguration.supervisor
        guard let peer = IPNetwork(peerText) else {
            throw ValidationError("TOPOSYNC_STREAMING_INGRESS_PEER has to be an address, not '\(peerText)'.")
        }
        let roleText = Environment["TOPOSYNC_STREAMING_INGRESS_ROLE"] ?? Role.admin.rawValue
        guard let role = Role(rawValue: roleText) else {
            throw ValidationError("TOPOSYNC_STREAMING_INGRESS_ROLE has to be 'admin' or 'viewer', not '\(roleText)'.")
        }
        return IngressConfiguration(port: port, peer: peer, role: role, administrators: homeAssistantAdministrators)
    }

    /// - Returns: nil where Home Assistant's users do not sign in with their passwords.
    static func homeAssistantUsers(_ supervisor: SupervisorClient) throws -> HomeAssistantUsers? {
        let text = Environment["TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS"] ?? Role.viewer.rawValue
        if text == HomeAssistantUsers.nobody { return nil }
        guard let role = Role(rawValue: text) else {
            throw ValidationError(
                "TOPOSYNC_STREAMING_HOME_ASSISTANT_USERS has to be 'viewer', 'admin' or 'nobody', not '\(text)'.")
        }
        return HomeAssistantUsers(role: role, administrators: homeAssistantAdministrators, supervisor: supervisor)
    }

    /// Ids and names of the users of Home Assistant who may do everything, in lower case.
    private static var homeAssistantAdministrators: Set<String> {
        Set((Environment["TOPOSYNC_STREAMING_INGRESS_ADMINS"]?.commaSeparated ?? []).map { $0.lowercased() })
    }
}
