import StreamProtocols

/// Parameter sets of libx265 3.5, as `ffmpeg -i x.h265 -c copy -tag:v hvc1 x.mp4` (5.1) puts them into a record.
enum H265Samples {
    /// 1280×720 at 25 fps, `-tune zerolatency`.
    static let plain = H265ParameterSets(
        vps: hexBytes("40010c01ffff01600000030090000003000003005dba0240"),
        sps: hexBytes("42010101600000030090000003000003005da00280802d165ba4a4c2f0168080000003008000000c84"),
        pps: hexBytes("4401c0718312"))

    /// 1920×1080 (coded as 1088 rows), ten bits, three B-frames, 30000/1001 fps.
    static let tenBits = H265ParameterSets(
        vps: hexBytes("40010c01ffff022000000300900000030000030078959409"),
        sps: hexBytes("420101022000000300900000030000030078a003c0801107cad965654a4c2f01680800001f480003a98040"),
        pps: hexBytes("4401c073c189"))
}
