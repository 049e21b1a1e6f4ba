/// Which way media flows, seen from who wrote the description (RFC 4566 §6).
public enum SDPDirection: String, Sendable, CaseIterable {
    case sendReceive = "sendrecv"
    case sendOnly = "sendonly"
    case receiveOnly = "recvonly"
    case inactive
}
