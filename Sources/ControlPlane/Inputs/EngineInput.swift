import EngineContract
import StreamModel

/// A path of the engine that another program publishes, and workers of this machine read.
struct EngineInput: Hashable, Sendable {
    /// Also the user as which a program publishes.
    var name: String
    /// Nil lets nobody publish.
    var key: Secret?

    init?(_ camera: Camera) {
        guard let name = camera.inputName else { return nil }
        self.name = name
        key = camera.password
    }

    var path: String { InputAddress.enginePath(of: name) }

    /// Who may do what with the path: the program that has the key, and workers.
    func users(publishSecret: [UInt8]) -> [AuthInternalUser] {
        let worker = PublishCredentials(path: path, secret: publishSecret)
        let reading = AuthInternalUser(
            user: worker.username, pass: worker.password, ips: AuthInternalUser.loopback,
            permissions: [AuthPermission(action: .read, path: path)])
        guard let key else { return [reading] }
        return [
            reading,
            AuthInternalUser(
                user: HashedCredential.sha256(name), pass: HashedCredential.sha256(key.exposed),
                permissions: [AuthPermission(action: .publish, path: path)]),
        ]
    }
}

extension StoredConfiguration {
    /// What programs may send to this server.
    var inputs: [EngineInput] { cameras.compactMap(EngineInput.init) }

    /// - Throws: 409 when two cameras are one input: the programs that send to them would take turns.
    func checkInputs() throws(ControlPlaneError) {
        var names: Set<String> = []
        for name in cameras.compactMap(\.inputName) where !names.insert(name).inserted {
            throw .conflict(
                CodedMessage(
                    "input_taken", "There is an input '\(name)' already. Give this one another name.",
                    ["name": .string(name)]))
        }
    }
}

extension Camera {
    /// Bytes of a key that is made up: nobody guesses it.
    private static let keyByteCount = 12

    /// The camera with a key, if it is an input without one.
    func givingKey() -> Camera {
        guard inputName != nil, password == nil else { return self }
        var result = self
        result.password = Secret(RandomToken.hex(byteCount: Self.keyByteCount))
        return result
    }

    /// The camera as a worker opens it: an input is read from the engine, as an RTSP camera.
    func opened(rtspPort: Int, publishSecret: [UInt8]) -> Camera {
        guard let inputName else { return self }
        let credentials = PublishCredentials(
            path: InputAddress.enginePath(of: inputName), secret: publishSecret)
        var result = self
        result.url = InputAddress.readingURL(of: inputName, rtspPort: rtspPort)
        result.username = credentials.username
        result.password = Secret(credentials.password)
        result.transport = .tcp
        return result
    }
}
