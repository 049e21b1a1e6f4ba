import Testing

@testable import StreamProtocols

@Suite struct Base64Tests {
    /// RFC 4648 §10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func encodesAndDecodes(text: String, encoded: String) {
        #expect(Base64.encode([UInt8](text.utf8)) == encoded)
        #expect(Base64.decode(encoded) == [UInt8](text.utf8))
        #expect(Base64.decode(encoded.filter { $0 != "=" }) == [UInt8](text.utf8))
    }

    @Test func usesTheWholeAlphabet() {
        let bytes = [UInt8](0...255)
        #expect(Base64.decode(Base64.encode(bytes)) == bytes)
        #expect(Base64.encode([0xFB, 0xFF, 0xBF]) == "+/+/")
    }

    @Test(arguments: ["A", "A===", "AAAA====", "A=AA", "AA-_", "Zg= =", "Zg==\n"]) func refuses(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}
