import EngineContract
import StreamModel

/// A change that a running engine takes by its control API, without disturbing other paths.
enum LiveEngineChange: Hashable, Sendable {
    case setUsers([AuthInternalUser])
    case deletePath(String)
    case addPath(String, PathConfiguration)
    case replacePath(String, PathConfiguration)
    /// Ends WebRTC viewers alone.
    case setWebRTC([ICEServer], additionalHosts: [String])
    /// Ends who reads these paths, since what let them in does not hold any more; whoever may still read comes back.
    case endReaders(of: [String])
}

/// How to get from one configuration to another.
enum EngineConfigurationChange: Hashable, Sendable {
    case none
    /// By the control API, in this order.
    case live([LiveEngineChange])
    /// Listeners or other global settings differ.
    case restart

    /// - Parameter endsWithdrawnReaders: whether the engine asks for credentials only at the beginning of a session, as
    ///   MediaMTX does. The built-in engine looks at running sessions by itself when users change.
    init(from old: EngineConfiguration, to new: EngineConfiguration, endsWithdrawnReaders: Bool = false) {
        var comparable = old
        comparable.paths = new.paths
        comparable.authInternalUsers = new.authInternalUsers
        comparable.webrtcICEServers2 = new.webrtcICEServers2
        comparable.webrtcAdditionalHosts = new.webrtcAdditionalHosts
        guard comparable == new else {
            self = .restart
            return
        }
        var changes: [LiveEngineChange] = []
        // Users first: a path must never be there without the protection that it is to have.
        if old.authInternalUsers != new.authInternalUsers { changes.append(.setUsers(new.authInternalUsers)) }
        changes += old.paths.keys.filter { new.paths[$0] == nil }.sorted().map { .deletePath($0) }
        for (name, path) in new.paths.sorted(by: { $0.key < $1.key }) {
            switch old.paths[name] {
            case nil: changes.append(.addPath(name, path))
            case path: break
            default: changes.append(.replacePath(name, path))
            }
        }
        let withdrawn = old.paths.keys.filter { new.paths[$0] != nil && new.withdrawsReading(of: $0, since: old) }
        if endsWithdrawnReaders, !withdrawn.isEmpty { changes.append(.endReaders(of: withdrawn.sorted())) }
        let isOtherWebRTC =
            old.webrtcICEServers2 != new.webrtcICEServers2 || old.webrtcAdditionalHosts != new.webrtcAdditionalHosts
        // Last, because MediaMTX opens its control API anew after it. An engine without WebRTC has no use for it.
        if isOtherWebRTC, new.webrtc {
            changes.append(.setWebRTC(new.webrtcICEServers2, additionalHosts: new.webrtcAdditionalHosts))
        }
        self = changes.isEmpty ? .none : .live(changes)
    }
}

extension EngineConfiguration {
    /// Whether somebody could read a path before who can't now.
    fileprivate func withdrawsReading(of path: String, since old: EngineConfiguration) -> Bool {
        let now = readers(of: path)
        return !now.contains { $0.user == AuthInternalUser.anyone } && !old.readers(of: path).isSubset(of: now)
    }

    /// Who may read a path, apart from what else they may.
    private func readers(of path: String) -> Set<AuthInternalUser> {
        let permission = AuthPermission(action: .read, path: path)
        return Set(
            authInternalUsers.filter { $0.permissions.contains(permission) }
                .map { AuthInternalUser(user: $0.user, pass: $0.pass, ips: $0.ips, permissions: [permission]) })
    }
}
