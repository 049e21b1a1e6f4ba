import Crypto
import Foundation
import Logging
import StreamModel

extension StreamingService {
    /// The picture that a transmission shows now, or showed a moment ago; its worker is started when it does not run.
    ///
    /// - Parameters:
    ///   - query: `{max_age, width, wait}`, as texts: how old the picture may be, in seconds, how wide at most, and whether
    ///     to wait for one. Who does not wait gets one that is there, whatever its width, and starts nothing.
    ///   - credentials: those of any output; none are needed while one of the outputs asks for none.
    ///   - address: of the client; wrong credentials are counted by it.
    /// - Returns: nil when there is none that nobody would have to wait for.
    /// - Throws: 401 for missing or wrong credentials; 404; 409 for a transmission that is switched off or elsewhere; 422
    ///   for a wrong query; 429 after too many wrong credentials; 503 when no picture could be taken.
    public func still(
        transmissionID: String, query: JSONValue, credentials: ReadCredentials?, address: String
    ) async throws(ControlPlaneError) -> Still? {
        let issues = IssueList()
        let reader = ObjectReader(query, at: ["query"], issues: issues)
        let waits = reader.bool("wait", default: true)
        let seconds = reader.integer(
            "max_age", in: StillQuery.ageRange,
            default: waits ? StillQuery.defaultAge : StillQuery.ageRange.upperBound)
        let width = reader.integer("width", in: StillQuery.widthRange, default: StillQuery.defaultWidth)
        do throws(ValidationError) { try issues.throwIfAny() } catch { throw .invalid(error) }
        let transmission = try await transmission(id: transmissionID)
        try authorize(credentials, from: address, toSee: transmission)
        guard transmission.hostServerID == ServerID.local else {
            throw .conflict(
                CodedMessage(
                    "foreign_host", "This transmission is served by '\(transmission.hostServerID)'. Ask that server.",
                    ["host": .string(transmission.hostServerID)]))
        }
        guard transmission.enabled else {
            throw .conflict(
                CodedMessage("transmission_off", "This transmission is switched off. Switch it on to see its picture."))
        }
        let key = StillCache.Key(transmissionID: transmission.id, maximumWidth: width)
        return waits
            ? try await stills.still(key, maximumAge: .seconds(seconds))
            : await stills.lastKnown(key, maximumAge: .seconds(seconds))
    }

    /// Whoever may watch one of the outputs may see a picture of it: who has signed in, any.
    func authorize(
        _ credentials: ReadCredentials?, from address: String, toSee transmission: Transmission
    ) throws(ControlPlaneError) {
        let readers = transmission.readers.values.map(\.self)
        guard accounts.mode == .open, readers.allSatisfy({ $0 != nil }) else { return }
        try authorize(
            credentials, from: address, as: readers.compactMap(\.self), of: transmission,
            CodedMessage(
                "picture_needs_password",
                "The picture needs the name and password of one of the transmission's outputs."))
    }

    /// Lets in whoever shows the credentials of one of these readers, and has not shown many wrong ones just before.
    ///
    /// - Parameter question: asks for them.
    func authorize(
        _ credentials: ReadCredentials?, from address: String, as readers: [ReadCredentials],
        of transmission: Transmission, _ question: CodedMessage
    ) throws(ControlPlaneError) {
        guard let credentials else { throw .unauthorized(question) }
        let now = began.duration(to: .now)
        // What others guess delays nobody: a page asks for its pictures all the time.
        let delay = viewerThrottle.delay(of: address, isKnown: true, now: now)
        guard delay == .zero else { throw .mustWait(delay) }
        guard readers.contains(where: { $0.equals(credentials) }) else {
            logger.notice(
                "A viewer was refused: wrong name or password.", metadata: ["transmission": "\(transmission.id)"])
            // Never forgotten for a right one: who knows the password of one output may guess that of another.
            viewerThrottle.failed(address, now: now)
            throw .unauthorized(CodedMessage("sign_in_wrong", "The name or the password is wrong."))
        }
    }
}

extension ReadCredentials {
    /// Compares in a time that does not tell how much of the password is right: digests are compared as a whole.
    fileprivate func equals(_ other: ReadCredentials) -> Bool {
        username == other.username
            && SHA256.hash(data: Data(password.exposed.utf8)) == SHA256.hash(data: Data(other.password.exposed.utf8))
    }
}
