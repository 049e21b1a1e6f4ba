import EngineContract
import StreamModel

/// A change that a running engine takes by its control API, without disturbing other paths.
enum LiveEngineChange: Hashable, Sendable {
    case setUsers([AuthInternalUser])
    case deletePath(String)
    case addPath(String, PathConfiguration)
    case replacePath(String, PathConfiguration)
    /// Ends WebRTC viewers alone. The users stay who they are.
    case setWebRTC([ICEServer], additionalHosts: [String], users: [AuthInternalUser])
    /// Ends who reads these paths, since what let them in does not hold any more; whoever may still read comes back.
    case endReaders(of: [String])
    /// Ends who publishes these paths, since the key that let them in does not hold any more.
    case endPublishers(of: [String])
}

extension LiveEngineChange {
    var isOfPath: Bool {
        switch self {
        case .addPath, .deletePath, .replacePath: true
        case .setUsers, .setWebRTC, .endReaders, .endPublishers: false
        }
    }

    /// Whether the list of paths tells that it was made.
    var isSeenByName: Bool {
        switch self {
        case .addPath, .deletePath: true
        case .replacePath, .setUsers, .setWebRTC, .endReaders, .endPublishers: false
        }
    }

    var isOfWebRTC: Bool { if case .setWebRTC = self { true } else { false } }
    /// Whether it ends sessions, and changes nothing else.
    var endsSessions: Bool {
        switch self {
        case .endReaders, .endPublishers: true
        case .addPath, .deletePath, .replacePath, .setUsers, .setWebRTC: false
        }
    }
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
        if endsWithdrawnReaders, old.authInternalUsers != new.authInternalUsers {
            let publishers = Self.unpublishedPaths(from: old, to: new)
            if !publishers.isEmpty { changes.append(.endPublishers(of: publishers)) }
            let withdrawn = Self.withdrawnPaths(from: old, to: new)
            if !withdrawn.isEmpty { changes.append(.endReaders(of: withdrawn)) }
        }
        let isOtherWebRTC =
            old.webrtcICEServers2 != new.webrtcICEServers2 || old.webrtcAdditionalHosts != new.webrtcAdditionalHosts
        // Last, because MediaMTX opens its control API anew after it.
        if isOtherWebRTC {
            changes.append(
                .setWebRTC(
                    new.webrtcICEServers2, additionalHosts: new.webrtcAdditionalHosts, users: new.authInternalUsers))
        }
        self = changes.isEmpty ? .none : .live(changes)
    }

    /// The paths that somebody could publish before who can't now.
    private static func unpublishedPaths(from old: EngineConfiguration, to new: EngineConfiguration) -> [String] {
        let before = old.usersByPath(who: .publish)
        let after = new.usersByPath(who: .publish)
        return old.paths.keys.filter { new.paths[$0] != nil && !(before[$0] ?? []).isSubset(of: after[$0] ?? []) }
            .sorted()
    }

    /// The paths that somebody could read before who can't now.
    private static func withdrawnPaths(from old: EngineConfiguration, to new: EngineConfiguration) -> [String] {
        let before = old.usersByPath(who: .read)
        let after = new.usersByPath(who: .read)
        return old.paths.keys.filter { path in
            guard new.paths[path] != nil else { return false }
            let now = after[path] ?? []
            return !now.contains { $0.user == AuthInternalUser.anyone } && !(before[path] ?? []).isSubset(of: now)
        }
        .sorted()
    }
}

extension EngineConfiguration {
    /// Who may do something with each path, apart from what else they may.
    fileprivate func usersByPath(who action: AuthAction) -> [String: Set<AuthInternalUser>] {
        authInternalUsers.reduce(into: [:]) { users, user in
            for permission in user.permissions where permission.action == action {
                users[permission.path, default: []].insert(
                    AuthInternalUser(user: user.user, pass: user.pass, ips: user.ips, permissions: [permission]))
            }
        }
    }
}
