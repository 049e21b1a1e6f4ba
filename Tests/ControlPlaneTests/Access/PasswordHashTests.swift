import StreamModel
import Testing

@testable import ControlPlane

@Suite("Password hashes")
struct PasswordHashTests {
    @Test("A hash fits its own password only, and is another one each time")
    func roundTrip() throws {
        let hash = try PasswordHash(of: Secret("pässword"))
        #expect(hash.matches(Secret("pässword")))
        #expect(hash.matches(Secret("pa\u{308}ssword")), "the same text as another keyboard writes it")
        #expect(!hash.matches(Secret("password")))
        #expect(try PasswordHash(of: Secret("pässword")) != hash)
    }

    // RFC 7914 §12: scrypt("password", "NaCl", N=1024, r=8, p=16), its first 32 bytes.
    @Test("The text is scrypt of RFC 7914")
    func vector() {
        let hash = PasswordHash(
            stored: "$scrypt$ln=10,r=8,p=16$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI=")
        #expect(hash.matches(Secret("password")))
        #expect(!hash.matches(Secret("Password")))
    }

    @Test(
        "A damaged text matches nothing and costs nothing",
        arguments: [
            "", "$", "$scrypt$", "$scrypt$ln=60,r=8,p=1$AAAA$AAAA", "$scrypt$ln=1,r=99999999,p=1$AAAA$AAAA",
            "$scrypt$ln=10,r=8,p=16$TmFDbA==$", "$argon2id$v=19$AAAA$AAAA", "plain",
        ])
    func damaged(text: String) {
        #expect(!PasswordHash(stored: text).matches(Secret("password")))
    }
}

@Suite("Throttling of sign-ins")
struct SignInThrottleTests {
    @Test("Some failures are free, then each doubles the wait, up to a minute, and quiet forgives")
    func grows() {
        var throttle = SignInThrottle()
        for _ in 0..<SignInThrottle.freeFailures {
            #expect(throttle.delay(of: "a", now: .zero) == .zero)
            throttle.failed("a", now: .zero)
        }
        #expect(throttle.delay(of: "a", now: .zero) == .seconds(1))
        #expect(throttle.delay(of: "a", now: .milliseconds(400)) == .milliseconds(600))
        #expect(throttle.delay(of: "b", now: .zero) == .zero)
        throttle.failed("a", now: .seconds(2))
        #expect(throttle.delay(of: "a", now: .seconds(2)) == .seconds(2))
        for _ in 0..<40 { throttle.failed("a", now: .seconds(2)) }
        #expect(throttle.delay(of: "a", now: .seconds(2)) == SignInThrottle.longestDelay)
        #expect(throttle.delay(of: "a", now: .seconds(2) + SignInThrottle.memory) == .zero)
    }

    @Test("Addresses of one IPv6 network are one, and an IPv4 address that comes as IPv6 is itself")
    func networks() {
        var throttle = SignInThrottle()
        for index in 0..<SignInThrottle.freeFailures {
            throttle.failed("2001:db8::\(index)", now: .zero)
            throttle.failed("::ffff:192.0.2.1", now: .zero)
        }
        #expect(throttle.delay(of: "2001:db8::ffff:1", now: .zero) > .zero)
        #expect(throttle.delay(of: "2001:db8:0:1::1", now: .zero) == .zero)
        #expect(throttle.delay(of: "192.0.2.1", now: .zero) > .zero)
        #expect(throttle.delay(of: "192.0.2.2", now: .zero) == .zero)
    }

    @Test("Guessing from many addresses slows everybody down, and the table stays small")
    func many() {
        var throttle = SignInThrottle()
        for index in 0..<10_000 { throttle.failed("address \(index)", now: .milliseconds(index)) }
        #expect(throttle.delay(of: "somebody else", now: .seconds(10)) > .seconds(30))
        #expect(throttle.delay(of: "somebody else", isKnown: true, now: .seconds(10)) == .zero)
    }
}
