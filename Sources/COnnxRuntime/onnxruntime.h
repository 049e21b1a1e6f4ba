// The part of ONNX Runtime's C interface that is used here, as its version 16 has it. Its table of functions only ever grows
// at its end, so that each is at its place in all later versions too; what is left out is counted. Nothing is linked: the
// library is loaded where it is installed.
//
// A function that can fail returns NULL when it did not, else a status that has to be released.
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { toposync_ort_api_version = 16 };

typedef struct OrtStatus OrtStatus;
typedef struct OrtEnv OrtEnv;
typedef struct OrtSession OrtSession;
typedef struct OrtSessionOptions OrtSessionOptions;
typedef struct OrtRunOptions OrtRunOptions;
typedef struct OrtValue OrtValue;
typedef struct OrtMemoryInfo OrtMemoryInfo;
typedef struct OrtTypeInfo OrtTypeInfo;
typedef struct OrtTensorTypeAndShapeInfo OrtTensorTypeAndShapeInfo;
typedef struct OrtModelMetadata OrtModelMetadata;
typedef struct OrtAllocator OrtAllocator;

// ONNXTensorElementDataType
enum {
    toposync_ort_float = 1,
    toposync_ort_int32 = 6,
    toposync_ort_int64 = 7,
};
// OrtLoggingLevel
enum { toposync_ort_log_fatal = 4 };
// GraphOptimizationLevel
enum { toposync_ort_optimize_all = 99 };
// OrtAllocatorType, OrtMemType
enum { toposync_ort_device_allocator = 0, toposync_ort_default_memory = 0 };

#define TOPOSYNC_ORT_SKIP(first, last) void *skipped_##first[(last) - (first) + 1]

typedef struct OrtApi {
    TOPOSYNC_ORT_SKIP(0, 1);
    const char *(*GetErrorMessage)(const OrtStatus *status);  // 2
    OrtStatus *(*CreateEnv)(int log_level, const char *log_id, OrtEnv **environment);
    TOPOSYNC_ORT_SKIP(4, 5);
    OrtStatus *(*DisableTelemetryEvents)(const OrtEnv *environment);  // 6
    OrtStatus *(*CreateSession)(
        const OrtEnv *environment, const char *path, const OrtSessionOptions *options, OrtSession **session);
    TOPOSYNC_ORT_SKIP(8, 8);
    OrtStatus *(*Run)(  // 9
        OrtSession *session, const OrtRunOptions *options, const char *const *input_names,
        const OrtValue *const *inputs, size_t input_count, const char *const *output_names, size_t output_count,
        OrtValue **outputs);
    OrtStatus *(*CreateSessionOptions)(OrtSessionOptions **options);
    TOPOSYNC_ORT_SKIP(11, 22);
    OrtStatus *(*SetSessionGraphOptimizationLevel)(OrtSessionOptions *options, int level);  // 23
    OrtStatus *(*SetIntraOpNumThreads)(OrtSessionOptions *options, int count);
    OrtStatus *(*SetInterOpNumThreads)(OrtSessionOptions *options, int count);
    TOPOSYNC_ORT_SKIP(26, 29);
    OrtStatus *(*SessionGetInputCount)(const OrtSession *session, size_t *count);  // 30
    OrtStatus *(*SessionGetOutputCount)(const OrtSession *session, size_t *count);
    TOPOSYNC_ORT_SKIP(32, 32);
    OrtStatus *(*SessionGetInputTypeInfo)(const OrtSession *session, size_t index, OrtTypeInfo **info);  // 33
    OrtStatus *(*SessionGetOutputTypeInfo)(const OrtSession *session, size_t index, OrtTypeInfo **info);
    TOPOSYNC_ORT_SKIP(35, 35);
    OrtStatus *(*SessionGetInputName)(  // 36
        const OrtSession *session, size_t index, OrtAllocator *allocator, char **name);
    OrtStatus *(*SessionGetOutputName)(const OrtSession *session, size_t index, OrtAllocator *allocator, char **name);
    TOPOSYNC_ORT_SKIP(38, 38);
    OrtStatus *(*CreateRunOptions)(OrtRunOptions **options);  // 39
    TOPOSYNC_ORT_SKIP(40, 45);
    OrtStatus *(*RunOptionsSetTerminate)(OrtRunOptions *options);  // 46
    TOPOSYNC_ORT_SKIP(47, 48);
    OrtStatus *(*CreateTensorWithDataAsOrtValue)(  // 49
        const OrtMemoryInfo *memory, void *data, size_t byte_count, const int64_t *shape, size_t rank, int element_type,
        OrtValue **value);
    OrtStatus *(*IsTensor)(const OrtValue *value, int *is_tensor);
    OrtStatus *(*GetTensorMutableData)(OrtValue *value, void **data);
    TOPOSYNC_ORT_SKIP(52, 54);
    OrtStatus *(*CastTypeInfoToTensorInfo)(  // 55
        const OrtTypeInfo *info, const OrtTensorTypeAndShapeInfo **tensor_info);
    TOPOSYNC_ORT_SKIP(56, 59);
    OrtStatus *(*GetTensorElementType)(const OrtTensorTypeAndShapeInfo *info, int *element_type);  // 60
    OrtStatus *(*GetDimensionsCount)(const OrtTensorTypeAndShapeInfo *info, size_t *rank);
    OrtStatus *(*GetDimensions)(const OrtTensorTypeAndShapeInfo *info, int64_t *dimensions, size_t rank);
    TOPOSYNC_ORT_SKIP(63, 64);
    OrtStatus *(*GetTensorTypeAndShape)(const OrtValue *value, OrtTensorTypeAndShapeInfo **info);  // 65
    TOPOSYNC_ORT_SKIP(66, 68);
    OrtStatus *(*CreateCpuMemoryInfo)(int allocator_type, int memory_type, OrtMemoryInfo **memory);  // 69
    TOPOSYNC_ORT_SKIP(70, 75);
    OrtStatus *(*AllocatorFree)(OrtAllocator *allocator, void *memory);  // 76
    TOPOSYNC_ORT_SKIP(77, 77);
    OrtStatus *(*GetAllocatorWithDefaultOptions)(OrtAllocator **allocator);  // 78
    TOPOSYNC_ORT_SKIP(79, 91);
    void (*ReleaseEnv)(OrtEnv *environment);  // 92
    void (*ReleaseStatus)(OrtStatus *status);
    void (*ReleaseMemoryInfo)(OrtMemoryInfo *memory);
    void (*ReleaseSession)(OrtSession *session);
    void (*ReleaseValue)(OrtValue *value);
    void (*ReleaseRunOptions)(OrtRunOptions *options);
    void (*ReleaseTypeInfo)(OrtTypeInfo *info);
    void (*ReleaseTensorTypeAndShapeInfo)(OrtTensorTypeAndShapeInfo *info);
    void (*ReleaseSessionOptions)(OrtSessionOptions *options);
    TOPOSYNC_ORT_SKIP(101, 110);
    OrtStatus *(*SessionGetModelMetadata)(const OrtSession *session, OrtModelMetadata **metadata);  // 111
    TOPOSYNC_ORT_SKIP(112, 115);
    OrtStatus *(*ModelMetadataLookupCustomMetadataMap)(  // 116
        const OrtModelMetadata *metadata, OrtAllocator *allocator, const char *key, char **value);
    TOPOSYNC_ORT_SKIP(117, 117);
    void (*ReleaseModelMetadata)(OrtModelMetadata *metadata);  // 118
    TOPOSYNC_ORT_SKIP(119, 129);
    OrtStatus *(*AddSessionConfigEntry)(OrtSessionOptions *options, const char *key, const char *value);  // 130
} OrtApi;

#define TOPOSYNC_ORT_PLACE(function, place) \
    _Static_assert(offsetof(OrtApi, function) == (place) * sizeof(void *), #function " is at its place")
TOPOSYNC_ORT_PLACE(GetErrorMessage, 2);
TOPOSYNC_ORT_PLACE(Run, 9);
TOPOSYNC_ORT_PLACE(SetSessionGraphOptimizationLevel, 23);
TOPOSYNC_ORT_PLACE(SessionGetInputName, 36);
TOPOSYNC_ORT_PLACE(RunOptionsSetTerminate, 46);
TOPOSYNC_ORT_PLACE(GetTensorMutableData, 51);
TOPOSYNC_ORT_PLACE(GetTensorTypeAndShape, 65);
TOPOSYNC_ORT_PLACE(ReleaseEnv, 92);
TOPOSYNC_ORT_PLACE(ReleaseSessionOptions, 100);
TOPOSYNC_ORT_PLACE(AddSessionConfigEntry, 130);

// What the library's only exported function, OrtGetApiBase, returns.
typedef struct OrtApiBase {
    // NULL when the library does not have this version.
    const OrtApi *(*GetApi)(uint32_t version);
    const char *(*GetVersionString)(void);
} OrtApiBase;

typedef const OrtApiBase *(*toposync_ort_get_api_base)(void);
