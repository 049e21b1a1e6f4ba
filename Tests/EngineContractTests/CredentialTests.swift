import EngineContract
import Testing

@Suite("Credentials")
struct CredentialTests {
    // Contract G: the reference's own results for the secret 00 01 … 1f.
    @Test(
        "publish credentials are the reference's",
        arguments: [
            ("test", "pub_4e7b922ee51f", "5aa0e65814d8d7477dad4e97dc89b993"),
            ("front-door", "pub_c3bbb75eb779", "44e4b76bd5921a19a59bf80530908160"),
            ("ingest-cam1", "pub_02f54e66ddf1", "e279d21cdfc6100540ca07fa43094107"),
        ])
    func publish(path: String, username: String, password: String) {
        let credentials = PublishCredentials(path: path, secret: Array(0..<32))
        #expect(credentials.username == username)
        #expect(credentials.password == password)
    }

    // `printf testpass | openssl dgst -binary -sha256 | openssl base64`
    @Test("hashed credentials are MediaMTX's format")
    func hashing() {
        #expect(HashedCredential.sha256("testpass") == "sha256:E9JJ8stBJ7QM+nV4ZoUCeHk/gU3tPFh/5YieiJp6n2w=")
        #expect(HashedCredential.matches("testpass", entry: HashedCredential.sha256("testpass")))
        #expect(HashedCredential.matches("plain", entry: "plain"))
        #expect(!HashedCredential.matches("testpasS", entry: HashedCredential.sha256("testpass")))
        #expect(!HashedCredential.matches("", entry: "plain"))
        #expect(!HashedCredential.matches(HashedCredential.sha256("x"), entry: HashedCredential.sha256("x")))
        // What the file holds is no password.
        let argon2 = "argon2:$argon2id$v=19$m=4096,t=3,p=1$MTIzNDU2Nzg$Ux/LWeTgJQPyfMMJo1myR64+o8rALHoPmlE1i/TR+58"
        #expect(!HashedCredential.matches(argon2, entry: argon2))
    }
}
