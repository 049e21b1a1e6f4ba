// What libav (and prctl) offer only as macros or variadic functions, under names of our own.
#pragma once

#include <libavcodec/avcodec.h>
#include <libavcodec/bsf.h>
#include <libavdevice/version_major.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/buffer.h>
#include <libavutil/channel_layout.h>
#include <libavutil/error.h>
#include <libavutil/frame.h>
#include <libavutil/hwcontext.h>
#include <libavutil/imgutils.h>
#include <libavutil/log.h>
#include <libavutil/macros.h>
#include <libavutil/opt.h>
#include <libavutil/pixdesc.h>
#include <libavutil/samplefmt.h>
#include <libavutil/time.h>
#include <libswresample/swresample.h>
#include <libswscale/swscale.h>
#include <sys/prctl.h>

static inline int toposync_av_error(int posix_errno) { return AVERROR(posix_errno); }
static const int toposync_av_error_eof = AVERROR_EOF;
static const int toposync_av_error_exit = AVERROR_EXIT;
static const int toposync_av_error_invalid_data = AVERROR_INVALIDDATA;
static const int toposync_av_error_stream_not_found = AVERROR_STREAM_NOT_FOUND;
static const int toposync_av_error_decoder_not_found = AVERROR_DECODER_NOT_FOUND;
static const int toposync_av_error_encoder_not_found = AVERROR_ENCODER_NOT_FOUND;
static const int toposync_av_error_demuxer_not_found = AVERROR_DEMUXER_NOT_FOUND;
static const int toposync_av_error_protocol_not_found = AVERROR_PROTOCOL_NOT_FOUND;
static const int toposync_av_error_patch_welcome = AVERROR_PATCHWELCOME;
static const int toposync_av_error_http_bad_request = AVERROR_HTTP_BAD_REQUEST;
static const int toposync_av_error_http_unauthorized = AVERROR_HTTP_UNAUTHORIZED;
static const int toposync_av_error_http_forbidden = AVERROR_HTTP_FORBIDDEN;
static const int toposync_av_error_http_not_found = AVERROR_HTTP_NOT_FOUND;
static const int toposync_av_error_http_other_4xx = AVERROR_HTTP_OTHER_4XX;
static const int toposync_av_error_http_server_error = AVERROR_HTTP_SERVER_ERROR;
static const int64_t toposync_av_no_timestamp = AV_NOPTS_VALUE;
static const int toposync_av_qp_to_lambda = FF_QP2LAMBDA;

static const unsigned toposync_avcodec_header_version = LIBAVCODEC_VERSION_INT;
static const unsigned toposync_avformat_header_version = LIBAVFORMAT_VERSION_INT;
static const unsigned toposync_avutil_header_version = LIBAVUTIL_VERSION_INT;
static const unsigned toposync_swresample_header_version = LIBSWRESAMPLE_VERSION_INT;
static const unsigned toposync_swscale_header_version = LIBSWSCALE_VERSION_INT;

// Not linked: loaded by this name when it is needed.
static inline const char *toposync_avdevice_soname(void) {
    return "libavdevice.so." AV_STRINGIFY(LIBAVDEVICE_VERSION_MAJOR);
}

// libav hands its log lines over as a format and a va_list. Only LogForwarder.swift may call these two: a static
// variable in a header exists once per object file that uses it.
typedef void (*toposync_av_log_handler)(int level, const char *line);

static inline toposync_av_log_handler *toposync_av_log_slot(void) {
    static toposync_av_log_handler handler;
    return &handler;
}

static void toposync_av_log_callback(void *context, int level, const char *format, va_list arguments) {
    toposync_av_log_handler handler = *toposync_av_log_slot();
    char line[1024];
    int print_prefix = 1;
    if (level > av_log_get_level() || !handler) return;
    av_log_format_line2(context, level, format, arguments, line, sizeof line, &print_prefix);
    handler(level, line);
}

static inline void toposync_av_log_set_handler(toposync_av_log_handler handler) {
    *toposync_av_log_slot() = handler;
    av_log_set_callback(toposync_av_log_callback);
}

// Linux keeps 15 bytes of the name.
static inline void toposync_name_this_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }
