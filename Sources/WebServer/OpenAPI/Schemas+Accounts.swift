import ControlPlane
import StreamModel

extension Schemas {
    /// What signing in and managing accounts takes and answers.
    static let accounts: [String: JSONValue] = [
        "Session": Schema.answer([
            "access": Schema.choice(AccessMode.self), "setup_required": Schema.boolean, "can_sign_out": Schema.boolean,
            "takes_home_assistant_users": Schema.boolean,
            "user": Schema.nullable(Schema.answer(["name": Schema.string, "role": Schema.choice(Role.self)])),
        ]),
        "SignIn": Schema.object(
            ["name": Schema.string, "password": Schema.password, "setup_code": Schema.password],
            required: ["password"], allowsOthers: false),
        "SessionEntry": Schema.answer([
            "id": Schema.string, "user": Schema.string, "created_at_unix": Schema.number,
            "last_seen_at_unix": Schema.number, "address": Schema.string, "user_agent": Schema.string,
            "is_current": Schema.boolean, "is_of_home_assistant": Schema.boolean,
        ]),
        "User": Schema.answer(user),
        "UserCreate": Schema.object(
            ["name": Schema.string, "role": Schema.choice(Role.self), "password": Schema.password],
            required: ["name", "role", "password"], allowsOthers: false),
        "UserReplace": Schema.object(
            ["name": Schema.string, "role": Schema.choice(Role.self), "password": Schema.password],
            required: ["name", "role"], allowsOthers: false),
        "Token": Schema.answer(token),
        "TokenCreate": Schema.object(
            ["name": Schema.string, "role": Schema.choice(Role.self)], required: ["name", "role"], allowsOthers: false),
        "NewToken": Schema.answer(token.merging(["token": Schema.string]) { $1 }),
    ]

    private static let user: [String: JSONValue] = [
        "id": Schema.string, "name": Schema.string, "role": Schema.choice(Role.self), "created_at": Schema.timestamp,
    ]

    private static let token = user.merging(["last_used_at_unix": Schema.nullable(Schema.number)]) { $1 }
}
