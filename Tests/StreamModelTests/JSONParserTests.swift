import Foundation
import StreamModel
import Testing

@Suite("JSON as others send it")
struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONValue { try JSONValue(parsing: Data(text.utf8)) }

    /// The names are those of Nicolas Seriot's JSONTestSuite; what RFC 8259 leaves open is marked.
    @Test(
        "every kind of value is read",
        arguments: [
            ("null", .null), (" \t\r\n true ", true), ("false", false), ("\"\"", ""), ("[]", []), ("{ }", [:]),
            ("0", 0), ("-0", 0), ("12.0", 12), ("1E+2", 100), ("1e-7", 1e-7), ("-1.5", -1.5),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            (#"["\"\\\/\b\f\n\r\t"]"#, ["\"\\/\u{8}\u{c}\n\r\t"]),
            (#""\u00e4\u4F60\ud83d\ude00\u0000""#, "ä你😀\u{0}"), ("\"ä你😀\"", "ä你😀"),
            (#"{"a":[1,{"b":null}],"c":""}"#, ["a": [1, ["b": nil]], "c": ""]),
            // Open: of names that come twice, and of a byte order mark.
            (#"{"a":1,"a":2}"#, ["a": 1]), ("\u{FEFF}{}", [:]),
        ] as [(String, JSONValue)])
    func reads(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        "what is no JSON is refused",
        arguments: [
            "", " ", "tru", "nul", "True", "1 2", "[1,]", "{\"a\":1,}", "[1 2]", "[", "{", "]", "[1", "{\"a\"",
            "{\"a\":",
            "{1:2}", "{\"a\" 1}", "{,}", "[,1]", "01", "-01", "1.", ".5", "-", "+1", "1e", "1e+", "0x1", "NaN",
            "Infinity",
            "1e400", "-1e400", "\"", "\"a", "\"a\tb\"", "\"\n\"", #""\x""#, #""\u12""#, #""\u00+4""#, #""\ud800""#,
            #""\ud800\n""#, #""\ud800\u0041""#, #""\udc00""#, #""\"#, "'a'", "// a\n1", "{}x",
        ])
    func refuses(text: String) {
        let error = #expect(throws: ValidationError.self) { try parse(text) }
        #expect(error?.issues.first?.type == "json_invalid")
    }

    @Test("bytes that are no UTF-8 are refused")
    func encoding() {
        for bytes: [UInt8] in [[0x22, 0xFF, 0x22], [0x22, 0xC0, 0xAF, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22]] {
            #expect(throws: ValidationError.self) { try JSONValue(parsing: Data(bytes)) }
        }
    }

    @Test("lists within lists have an end")
    func depth() throws {
        func nested(_ count: Int) -> String {
            String(repeating: "[", count: count) + String(repeating: "]", count: count)
        }
        _ = try parse(nested(128))
        #expect(throws: ValidationError.self) { try parse(nested(130)) }
        #expect(throws: ValidationError.self) { try parse(String(repeating: "[{\"a\":", count: 100_000)) }
    }

    @Test("a text of nothing but combining marks is refused, be it spelled out or escaped")
    func marks() throws {
        let marks = String(repeating: "\u{0345}\u{0300}", count: 20)
        let escaped = String(repeating: #"\u0345\u0300"#, count: 20)
        for text in ["\"\(marks)\"", "\"\(escaped)\"", "{\"\(marks)\":1}", "[{\"a\(escaped)\":1}]"] {
            #expect(throws: ValidationError.self) { try parse(text) }
        }
        #expect(try parse("\"e\u{0301}te\u{0301}\"") == "été")
    }

    /// Seconds with the slow build of the tests; Foundation's decoder would take most of an hour.
    @Test("a large document of many lists is read in a time that grows with its length", .timeLimit(.minutes(1)))
    func large() throws {
        let deep = String(repeating: "[", count: 100) + String(repeating: "]", count: 100)
        let value = try parse("[" + Array(repeating: deep, count: 2000).joined(separator: ",") + "]")
        #expect(value.arrayValue?.count == 2000)
    }
}

@Suite("Texts that take no time to compare")
struct StreamSafeTextTests {
    @Test(
        "writing of every kind is safe",
        arguments: [
            "", "plain", "Tür zum Café", "门口摄像头", "Việt Nam", "कैमरा १", "กล้องหน้าบ้าน", "מַצְלֵמָה", "👩‍👩‍👧‍👦🇧🇷",
            "a" + String(repeating: "\u{0300}", count: 30),
        ])
    func safe(text: String) { #expect(text.isStreamSafe) }

    /// UAX #15 §13; U+0F73 is in no combining class itself, but becomes two marks.
    @Test(
        "more than thirty marks in a row are not",
        arguments: ["\u{0300}", "\u{0345}", "\u{0F73}", "\u{1D165}", "\u{0344}"])
    func unsafe(mark: String) {
        #expect(!("a" + String(repeating: mark, count: 31)).isStreamSafe)
        #expect(
            ("a" + Array(repeating: String(repeating: mark, count: 30), count: 9).joined(separator: "b")).isStreamSafe)
    }
}
