import StreamProtocols
import Testing

@Suite struct DigestTests {
    /// RFC 2617 §3.5.
    static let challenge = """
        Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", \
        opaque="5ccc069c403ebaf9f0171e9517f40e41"
        """
    static let authorization = """
        Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", \
        uri="/dir/index.html", qop=auth, nc=00000001, cnonce="0a4f113b", \
        response="6629fae49393a05397450978507c4ef1", opaque="5ccc069c403ebaf9f0171e9517f40e41"
        """

    static func digest(_ header: String) throws -> DigestResponse {
        guard case .digest(let response) = try HTTPCredentials(parsing: header) else {
            throw RTSPHeaderError(header: "Authorization", value: "not digest")
        }
        return response
    }

    @Test func verifiesTheExampleOfRFC2617() throws {
        let response = try Self.digest(Self.authorization)
        #expect(response.user == "Mufasa")
        #expect(response.verify(password: "Circle Of Life", method: "GET"))
        #expect(!response.verify(password: "circle of life", method: "GET"))
        #expect(!response.verify(password: "Circle Of Life", method: "HEAD"))
        #expect(response.answers(try #require(DigestChallenge.parse(Self.challenge))))
    }

    @Test func answersTheExampleOfRFC2617() throws {
        let challenge = try #require(DigestChallenge.parse(Self.challenge))
        #expect(challenge.offersQOPAuth)
        let response = challenge.authorization(
            for: BasicCredentials(user: "Mufasa", password: "Circle Of Life"),
            method: "GET",
            uri: "/dir/index.html",
            cnonce: "0a4f113b"
        )
        #expect(response.response == "6629fae49393a05397450978507c4ef1")
        #expect(try Self.digest(response.authorization) == response)
        #expect(try Self.digest(Self.authorization) == response)
    }

    /// RFC 7616 §3.9.1: the same request with MD5 and SHA-256.
    @Test(arguments: [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ])
    func answersTheExamplesOfRFC7616(algorithm: String, expected: String) throws {
        let challenge = try #require(
            DigestChallenge.parse(
                """
                Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=\(algorithm), \
                nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", \
                opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
                """
            )
        )
        let response = challenge.authorization(
            for: BasicCredentials(user: "Mufasa", password: "Circle of Life"),
            method: "GET",
            uri: "/dir/index.html",
            cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
        )
        #expect(response.response == expected)
        #expect(try Self.digest(response.authorization).verify(password: "Circle of Life", method: "GET"))
    }

    /// The example of RFC 2617 §3.5 with the algorithm changed; the expected hashes were worked out with Python's hashlib
    /// by §3.2.2.2: A1 is MD5(user:realm:password):nonce:cnonce.
    @Test(arguments: [(", qop=auth", "8e3825c57e897f5a0dec6c2d4e5059d0"), ("", "4726bc10c33fa6cb357eb27807b1cce8")])
    func answersWithASessionKey(quality: String, expected: String) throws {
        let challenge = try #require(
            DigestChallenge.parse(
                "Digest realm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", algorithm=MD5-sess"
                    + quality))
        let response = challenge.authorization(
            for: BasicCredentials(user: "Mufasa", password: "Circle Of Life"), method: "GET", uri: "/dir/index.html",
            cnonce: "0a4f113b")
        #expect(response.response == expected)
        #expect(response.authorization.contains(#"algorithm=MD5-sess"#))
        #expect(response.authorization.contains(#"cnonce="0a4f113b""#))
        #expect(try Self.digest(response.authorization) == response)
    }

    /// Without `qop`, as RTSP cameras and players do. The challenge is that of gortsplib
    /// pkg/headers/authorization_test.go; the expected hash was worked out with Python's hashlib.
    @Test func answersInTheMannerOfRFC2069() throws {
        let challenge = DigestChallenge(realm: "IPCAM", nonce: "5d17cd12b9fa8a85ac5ceef0926ea5a6")
        #expect(challenge.header == #"Digest realm="IPCAM", nonce="5d17cd12b9fa8a85ac5ceef0926ea5a6""#)
        let response = challenge.authorization(
            for: BasicCredentials(user: "admin", password: "pass"),
            method: "DESCRIBE",
            uri: "rtsp://localhost:8554/mystream",
            cnonce: "unused"
        )
        #expect(response.response == "fc93175f950cf617b303f94a4f6b07fe")
        #expect(response.nonceCount == nil && response.cnonce == nil)
        #expect(response.verify(password: "pass", method: "DESCRIBE"))
        #expect(!response.verify(password: "", method: "DESCRIBE"))
    }

    @Test func writesAndReadsChallenges() {
        let challenges = [
            DigestChallenge(realm: "a \"quoted\" \\ realm", nonce: "n"),
            DigestChallenge(
                realm: "r", nonce: "n", algorithm: .sha256, opaque: "o", offersQOPAuth: true, isStale: true),
        ]
        for challenge in challenges { #expect(DigestChallenge.parse(challenge.header) == challenge) }
        // Axis and old Hikvision spellings.
        let spaced = DigestChallenge.parse(#"digest  realm = "AXIS" , nonce="1",algorithm="md5", stale="FALSE""#)
        #expect(spaced == DigestChallenge(realm: "AXIS", nonce: "1"))
    }

    @Test(arguments: [
        "", "Digest", "Basic realm=\"x\"", "Digest realm=\"x\"", "Digest nonce=\"x\"",
        "Digest realm=\"x\", nonce=\"y\", algorithm=MD4", "Digest realm=\"x\", nonce=\"y\", qop=\"auth-int\"",
    ])
    func refusesChallenges(header: String) {
        #expect(DigestChallenge.parse(header) == nil)
    }

    @Test func anAnswerToAnotherChallengeDoesNotCount() throws {
        let response = try Self.digest(Self.authorization)
        let challenge = try #require(DigestChallenge.parse(Self.challenge))
        var other = challenge
        other.nonce += "0"
        #expect(!response.answers(other))
        other = challenge
        other.realm = "x"
        #expect(!response.answers(other))
        other = challenge
        other.algorithm = .sha256
        #expect(!response.answers(other))
    }

    @Test func damagedHeadersNeverTrapNorVerify() throws {
        let seeds = [Self.authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "Bearer abc"].map { [UInt8]($0.utf8) }
        for bytes in Mutations(of: seeds, count: 1500) {
            let header = String(decoding: bytes, as: UTF8.self)
            guard case .digest(let response) = try? HTTPCredentials(parsing: header) else { continue }
            #expect(!response.verify(password: "wrong", method: "GET"))
            #expect(try Self.digest(response.authorization).user == response.user)
        }
        for bytes in Mutations(of: [[UInt8](Self.challenge.utf8)], count: 1000) {
            _ = DigestChallenge.parse(String(decoding: bytes, as: UTF8.self))
        }
    }
}

@Suite struct BasicCredentialsTests {
    /// RFC 7617 §2 and §2.1.
    @Test func readsTheExamplesOfRFC7617() throws {
        #expect(
            try HTTPCredentials(parsing: "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
                == .basic(BasicCredentials(user: "Aladdin", password: "open sesame"))
        )
        #expect(
            try HTTPCredentials(parsing: "basic dGVzdDoxMjPCow==")
                == .basic(BasicCredentials(user: "test", password: "123£"))
        )
        #expect(
            BasicCredentials(user: "Aladdin", password: "open sesame").authorization
                == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        #expect(BasicCredentials.challenge(realm: "IPCAM") == #"Basic realm="IPCAM""#)
    }

    @Test func aPasswordMayHoldColons() throws {
        let credentials = BasicCredentials(user: "u", password: "a:b:")
        #expect(try HTTPCredentials(parsing: credentials.authorization) == .basic(credentials))
    }

    @Test func readsBearerTokens() throws {
        #expect(
            try HTTPCredentials(parsing: "Bearer mF_9.B5f-4.1JqM") == .bearer(BearerToken(value: "mF_9.B5f-4.1JqM")))
    }

    @Test(arguments: ["", "Basic", "Basic !!!", "Basic dXNlcg==", "Bearer ", "Negotiate abc", "Digest username=\"x\""])
    func refuses(header: String) {
        #expect(throws: RTSPHeaderError.self) { try HTTPCredentials(parsing: header) }
    }

    @Test func secretsNeverShow() throws {
        let all = [
            HTTPCredentials.basic(BasicCredentials(user: "u", password: "hunter2")),
            .bearer(BearerToken(value: "hunter2")),
            .digest(
                DigestChallenge(realm: "r", nonce: "n")
                    .authorization(
                        for: BasicCredentials(user: "u", password: "p"),
                        method: "PLAY",
                        uri: "x",
                        cnonce: "c"
                    )
            ),
        ]
        for credentials in all {
            var dumped = ""
            dump(credentials, to: &dumped)
            var secret = "hunter2"
            if case .digest(let response) = credentials { secret = response.response }
            for text in ["\(credentials)", String(reflecting: credentials), dumped] { #expect(!text.contains(secret)) }
        }
        do {
            _ = try HTTPCredentials(parsing: "Basic hunter2!")
            Issue.record("accepted")
        } catch {
            #expect(!"\(error)".contains("hunter2"))
        }
    }
}
