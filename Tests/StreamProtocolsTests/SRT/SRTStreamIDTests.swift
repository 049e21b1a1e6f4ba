import Testing

@testable import StreamProtocols

@Suite("SRT stream identifiers")
struct SRTStreamIDTests {
    /// The examples of the SRT Access Control Guidelines, MediaMTX's documentation and `streamid_test.go`.
    static let readable: [(text: String, mode: SRTStreamID.Mode, path: String, account: [String])] = [
        ("#!::u=admin,r=bluesbrothers1_hi", .request, "bluesbrothers1_hi", ["admin", ""]),
        ("#!::m=publish,r=input/phone,u=phone,s=key-1,h=localhost", .publish, "input/phone", ["phone", "key-1"]),
        ("#!::r=a,m=bidirectional,t=stream,company_x=1", .bidirectional, "a", []),
        ("#!::m=publish,r=a,s=b=c,u=", .publish, "a", ["", "b=c"]),
        ("publish:input/phone:phone:key-1", .publish, "input/phone", ["phone", "key-1"]),
        ("publish:mypath:myuser:mypass:myquery", .publish, "mypath", ["myuser", "mypass"]),
        ("publish:mypath:myquery", .publish, "mypath", []),
        ("read:mypath", .request, "mypath", []),
    ]

    static let unreadable: [(text: String, error: SRTStreamIDError)] = [
        ("", .missing), ("phone", .malformed), ("publish:", .malformed), ("write:a", .malformed),
        ("publish:a:b:c:d:e", .malformed), ("publish:" + String(repeating: "a", count: 600), .malformed),
        ("#!:{r=a}", .malformed), ("#!::", .malformed), ("#!::m=publish", .malformed), ("#!::r=a,m", .malformed),
        ("#!::r=a,m=write", .malformed), ("#!::t=file,m=publish,r=results.csv", .notAStream("file")),
    ]

    @Test(arguments: SRTStreamIDTests.readable.indices)
    func areRead(index: Int) throws {
        let (text, mode, path, account) = Self.readable[index]
        let id = try SRTStreamID(text)
        #expect(id.mode == mode && id.path == path)
        #expect(id.credentials.map { [$0.user, $0.password] } ?? [] == account)
        if let password = account.last, !password.isEmpty { #expect(!"\(id)".contains(password)) }
    }

    @Test(arguments: SRTStreamIDTests.unreadable.indices)
    func areRefused(index: Int) {
        let (text, error) = Self.unreadable[index]
        #expect(throws: error) { _ = try SRTStreamID(text) }
    }
}
