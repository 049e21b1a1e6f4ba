import Foundation
import GRDB
import StreamModel

/// Somebody with a name and a password.
public struct User: Hashable, Sendable {
    public var id: String
    public var name: String
    public var role: Role
    public var createdAt: String
    var password: PasswordHash

    public var json: JSONValue {
        ["id": .string(id), "name": .string(name), "role": .string(role.rawValue), "created_at": .string(createdAt)]
    }
}

/// A browser that has signed in. Only the hash of its cookie is kept.
public struct Session: Hashable, Sendable {
    /// Who signed in.
    public enum Owner: Hashable, Sendable {
        /// A user of ours, by id.
        case user(String)
        /// A user of Home Assistant, by name.
        case homeAssistant(String)
    }

    public var id: String
    public var owner: Owner
    public var createdAtUnix: Double
    public var lastSeenAtUnix: Double
    /// The address that it signed in from.
    public var address: String
    /// The browser as it calls itself, cut to some length.
    public var userAgent: String
    var cookieHash: String
}

/// A token of a program. Only its hash is kept.
public struct AccessToken: Hashable, Sendable {
    public var id: String
    public var name: String
    public var role: Role
    public var createdAt: String
    public var lastUsedAtUnix: Double?
    var hash: String

    public var json: JSONValue {
        [
            "id": .string(id), "name": .string(name), "role": .string(role.rawValue), "created_at": .string(createdAt),
            "last_used_at_unix": lastUsedAtUnix.map(JSONValue.number) ?? .null,
        ]
    }
}

/// The tables of accounts as values and back.
enum AccountRows {
    static func users(_ db: Database) throws -> [User] {
        try Row.fetchAll(db, sql: "SELECT * FROM user ORDER BY name").compactMap { row in
            Role(rawValue: row["role"]).map { role in
                User(
                    id: row["id"], name: row["name"], role: role, createdAt: row["created_at"],
                    password: PasswordHash(stored: row["password"]))
            }
        }
    }

    static func write(_ user: User, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO user (id, name, role, created_at, password) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET name = excluded.name, role = excluded.role, password = excluded.password
                """,
            arguments: [user.id, user.name, user.role.rawValue, user.createdAt, user.password.text])
    }

    /// Its sessions go with it.
    static func deleteUser(_ id: String, in db: Database) throws {
        try db.execute(sql: "DELETE FROM user WHERE id = ?", arguments: [id])
    }

    static func sessions(_ db: Database) throws -> [Session] {
        try Row.fetchAll(db, sql: "SELECT * FROM session").compactMap { row in
            let user = (row["user_id"] as String?).map(Session.Owner.user)
            return (user ?? (row["home_assistant_user"] as String?).map(Session.Owner.homeAssistant)).map { owner in
                Session(
                    id: row["id"], owner: owner, createdAtUnix: row["created_at_unix"],
                    lastSeenAtUnix: row["last_seen_at_unix"], address: row["address"], userAgent: row["user_agent"],
                    cookieHash: row["cookie_hash"])
            }
        }
    }

    static func write(_ session: Session, in db: Database) throws {
        let (userID, homeAssistantUser): (String?, String?) =
            switch session.owner {
            case .user(let id): (id, nil)
            case .homeAssistant(let name): (nil, name)
            }
        try db.execute(
            sql: """
                INSERT INTO session
                (id, user_id, home_assistant_user, created_at_unix, last_seen_at_unix, address, user_agent, cookie_hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET last_seen_at_unix = excluded.last_seen_at_unix
                """,
            arguments: [
                session.id, userID, homeAssistantUser, session.createdAtUnix, session.lastSeenAtUnix, session.address,
                session.userAgent, session.cookieHash,
            ])
    }

    static func deleteSessions(_ ids: some Sequence<String>, in db: Database) throws {
        for id in ids { try db.execute(sql: "DELETE FROM session WHERE id = ?", arguments: [id]) }
    }

    static func tokens(_ db: Database) throws -> [AccessToken] {
        try Row.fetchAll(db, sql: "SELECT * FROM token ORDER BY created_at").compactMap { row in
            Role(rawValue: row["role"]).map { role in
                AccessToken(
                    id: row["id"], name: row["name"], role: role, createdAt: row["created_at"],
                    lastUsedAtUnix: row["last_used_at_unix"], hash: row["hash"])
            }
        }
    }

    static func write(_ token: AccessToken, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO token (id, name, role, created_at, last_used_at_unix, hash) VALUES (?, ?, ?, ?, ?, ?)
                ON CONFLICT (id) DO UPDATE SET last_used_at_unix = excluded.last_used_at_unix
                """,
            arguments: [token.id, token.name, token.role.rawValue, token.createdAt, token.lastUsedAtUnix, token.hash])
    }

    static func deleteToken(_ id: String, in db: Database) throws {
        try db.execute(sql: "DELETE FROM token WHERE id = ?", arguments: [id])
    }
}
