import GRDB

/// Who sends a request, and whether that still holds.
extension Accounts {
    /// How often the use of a session or token is written down; more would write to the disk with every request.
    private static let noteInterval: Double = 3600

    /// Who sends a request with this cookie or this token; nil when that says nothing.
    public func identity(cookie: String?, bearer: String?) -> Identity? {
        if mode == .open { return .open }
        if let bearer { return identity(bearer: bearer) }
        guard let cookie, var session = sessions[Self.hash(cookie)], let owner = identity(of: session) else {
            return nil
        }
        let moment = now()
        guard !session.isOver(at: moment) else {
            sessions[session.cookieHash] = nil
            return nil
        }
        if moment - session.lastSeenAtUnix > Self.noteInterval {
            session.lastSeenAtUnix = moment
            sessions[session.cookieHash] = session
            note { [session] in try AccountRows.write(session, in: $0) }
        }
        return owner
    }

    /// Who signed in with a session; nil when that user is gone.
    func identity(of session: Session) -> Identity? {
        switch session.owner {
        case .user(let id): users[id].map { Identity(name: $0.name, role: $0.role, origin: .session(session.id)) }
        case .homeAssistant(let name):
            homeAssistant.map { Identity(name: name, role: $0.role(of: name), origin: .session(session.id)) }
        }
    }

    /// Whether who sent a request that is still being answered may go on: the session or token may have ended meanwhile, or
    /// the role may be another one.
    public func stillHolds(_ identity: Identity) -> Bool {
        switch identity.origin {
        case .open, .ingress: stillHolds(identity.origin)
        case .session, .token: role(of: identity.origin) == identity.role
        }
    }

    /// The same of whoever needs no more than to be known, whatever the role is now. Of users of Home Assistant's ingress we
    /// know what each request says, and no more.
    func stillHolds(_ origin: Identity.Origin) -> Bool {
        switch origin {
        case .open: mode == .open
        case .ingress: true
        case .session, .token: role(of: origin) != nil
        }
    }

    /// What whoever has this session or token may do; nil when it has ended.
    private func role(of origin: Identity.Origin) -> Role? {
        switch origin {
        case .open, .ingress: nil
        case .session(let id):
            sessions.values.first { $0.id == id && !$0.isOver(at: now()) }.flatMap { identity(of: $0)?.role }
        case .token(let id): tokens.values.first { $0.id == id }?.role
        }
    }

    private func identity(bearer: String) -> Identity? {
        guard var token = tokens[Self.hash(bearer)] else { return nil }
        let moment = now()
        if moment - (token.lastUsedAtUnix ?? 0) > Self.noteInterval {
            token.lastUsedAtUnix = moment
            tokens[token.hash] = token
            note { [token] in try AccountRows.write(token, in: $0) }
        }
        return Identity(name: token.name, role: token.role, origin: .token(token.id))
    }

    /// Writes down something whose loss harms nobody.
    private func note(_ write: @escaping @Sendable (Database) throws -> Void) {
        Task { [database] in try? await database.write(write) }
    }
}

extension Session {
    var isOfHomeAssistant: Bool { if case .homeAssistant = owner { true } else { false } }

    func isOver(at unix: Double) -> Bool {
        unix - (isOfHomeAssistant ? createdAtUnix : lastSeenAtUnix) >= Accounts.sessionLifetime.wholeSeconds
    }
}

extension Duration {
    /// The seconds, without the fraction.
    fileprivate var wholeSeconds: Double { Double(components.seconds) }
}
