import EngineContract
import StreamModel
import Testing

@Suite("Nothing that is printed shows a password")
struct DescriptionTests {
    private var configuration: EngineConfiguration {
        var result = EngineConfiguration()
        result.authInternalUsers = [AuthInternalUser(user: "watcher", pass: "hunter2", permissions: [])]
        var server = ICEServer(url: "turn:t")
        server.username = "me"
        server.password = "hunter2"
        result.webrtcICEServers2 = [server]
        var path = PathConfiguration()
        path.srtPublishPassphrase = Secret("hunter2-hunter2")
        result.paths["input/phone"] = path
        return result
    }

    private func texts(_ value: Any) -> [String] {
        var dumped = ""
        dump(value, to: &dumped)
        return ["\(value)", String(describing: value), String(reflecting: value), dumped]
    }

    @Test func masked() throws {
        let credentials = PublishCredentials(path: "test", secret: Array(0..<32))
        for text in texts(configuration) + texts(configuration.authInternalUsers)
            + texts(configuration.webrtcICEServers2) + texts(configuration.paths)
        {
            #expect(!text.contains("hunter2") && text.contains("••••"), "\(text)")
        }
        for text in texts(credentials) { #expect(!text.contains(credentials.password)) }
        #expect("\(AuthInternalUser(user: "any", permissions: []))".contains("pass: ,"))
        #expect(texts(configuration.authInternalUsers).allSatisfy { $0.contains("watcher") })
    }

    @Test("what would make MediaMTX refuse the file is found before it is written")
    func validation() throws {
        try configuration.validate()
        try EngineConfiguration().validate()
        var wrong = configuration
        wrong.authInternalUsers[0].pass = "p/%"
        #expect(throws: EngineConfigurationError.badCredential(user: "watcher")) { try wrong.validate() }
        wrong = configuration
        wrong.paths["a//b"] = PathConfiguration()
        #expect(throws: EngineConfigurationError.self) { try wrong.validate() }
        wrong = configuration
        wrong.webrtcICEServers2[0].url = "TURN:t"
        #expect(throws: EngineConfigurationError.self) { try wrong.validate() }
        wrong = configuration
        wrong.authInternalUsers[0].pass = HashedCredential.sha256("p/%")
        try wrong.validate()
    }
}
