/* A library with the ABI of Tencent's Finance SDK (wechat-platform §5.2), for tests: it lives on files, not on a network.
 *
 * The secret given to Init names a folder:
 *   chat/<seq>         one entry of chatdata, in JSON; last_seq holds the highest <seq>
 *   media/<fileid>     a file; media/<fileid>.broken holds how many times its first byte comes flipped
 *   code               answered by the next call of GetChatData or GetMediaData, which removes it
 *   every_code         answered by each of them
 *   page               answered by GetChatData instead of a page
 *   abort, hang        what GetChatData does then
 * DecryptData: base64 of the key's first 8 bytes and the text XOR the key. Texts that begin with ABORT, HANG or CODE<n>
 * do what they say. Like Tencent's, it aborts on an encrypt_msg of fewer than 13 characters.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct WeWorkFinanceSdk_t { char folder[2048]; } WeWorkFinanceSdk_t;
typedef struct Slice_t { char *buf; int len; } Slice_t;
typedef struct MediaData { char *outindexbuf; int out_len; char *data; int data_len; int is_finish; } MediaData_t;

#define CHUNK 1024

static char *read_file(const char *folder, const char *name, long *size) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  char *data = malloc(*size + 1);
  *size = (long)fread(data, 1, *size, file);
  data[*size] = 0;
  fclose(file);
  return data;
}

static long number_in(const char *folder, const char *name, long otherwise) {
  long size;
  char *text = read_file(folder, name, &size);
  if (!text) return otherwise;
  long number = atol(text);
  free(text);
  return number;
}

static void write_number(const char *folder, const char *name, long number) {
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", folder, name);
  FILE *file = fopen(path, "wb");
  if (!file) abort();
  fprintf(file, "%ld", number);
  fclose(file);
}

static int told_code(const char *folder) {
  long once = number_in(folder, "code", 0);
  if (once) {
    char path[4096];
    snprintf(path, sizeof path, "%s/code", folder);
    unlink(path);
    return (int)once;
  }
  return (int)number_in(folder, "every_code", 0);
}

static void misbehave(const char *folder) {
  if (number_in(folder, "abort", 0)) abort();
  while (number_in(folder, "hang", 0)) pause();
}

static void give(Slice_t *slice, const char *data, long size) {
  free(slice->buf);
  slice->buf = malloc(size + 1);
  memcpy(slice->buf, data, size);
  slice->buf[size] = 0;
  slice->len = (int)size;
}

WeWorkFinanceSdk_t *NewSdk(void) { return calloc(1, sizeof(WeWorkFinanceSdk_t)); }

int Init(WeWorkFinanceSdk_t *sdk, const char *corpid, const char *secret) {
  if (!corpid || !*corpid || !secret || !*secret) return 10000;
  snprintf(sdk->folder, sizeof sdk->folder, "%s", secret);
  printf("a library may print to stdout\n");
  fflush(stdout);
  return (int)number_in(sdk->folder, "init_code", 0);
}

int GetChatData(WeWorkFinanceSdk_t *sdk, unsigned long long seq, unsigned int limit, const char *proxy,
                const char *passwd, int timeout, Slice_t *out) {
  (void)proxy, (void)passwd, (void)timeout;
  if (limit > 1000) return 10000;
  misbehave(sdk->folder);
  int code = told_code(sdk->folder);
  if (code) return code;
  long size;
  char *page = read_file(sdk->folder, "page", &size);
  if (page) {
    give(out, page, size);
    free(page);
    return 0;
  }
  unsigned long long last = (unsigned long long)number_in(sdk->folder, "last_seq", 0);
  const char *head = "{\"errcode\":0,\"errmsg\":\"ok\",\"chatdata\":[";
  size_t used = strlen(head);
  char *text = malloc(used + 3);
  strcpy(text, head);
  unsigned int found = 0;
  for (unsigned long long at = seq + 1; at <= last && found < limit; at++) {
    char name[64];
    snprintf(name, sizeof name, "chat/%llu", at);
    char *entry = read_file(sdk->folder, name, &size);
    if (!entry) continue;
    text = realloc(text, used + size + 4);
    if (found++) text[used++] = ',';
    memcpy(text + used, entry, size);
    used += size;
    free(entry);
  }
  memcpy(text + used, "]}", 3);
  give(out, text, (long)used + 2);
  free(text);
  return 0;
}

static int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int DecryptData(const char *key, const char *message, Slice_t *out) {
  size_t length = strlen(message), key_length = strlen(key), used = 0;
  if (length < 13) abort();
  unsigned char *plain = malloc(length + 1);
  unsigned int bits = 0, held = 0;
  for (size_t i = 0; i < length && message[i] != '='; i++) {
    int value = value_of(message[i]);
    if (value < 0) { free(plain); return 10006; }
    held = (held << 6) | (unsigned)value;
    if ((bits += 6) >= 8) plain[used++] = (unsigned char)(held >> (bits -= 8));
  }
  if (key_length < 8 || used < 8 || memcmp(plain, key, 8)) { free(plain); return 10008; }
  char *text = (char *)plain + 8;
  used -= 8;
  for (size_t i = 0; i < used; i++) text[i] ^= key[i % key_length];
  text[used] = 0;
  if (!strncmp(text, "ABORT", 5)) abort();
  while (!strncmp(text, "HANG", 4)) pause();
  int code = strncmp(text, "CODE", 4) ? 0 : atoi(text + 4);
  if (!code) give(out, text, (long)used);
  free(plain);
  return code;
}

int GetMediaData(WeWorkFinanceSdk_t *sdk, const char *index, const char *fileid, const char *proxy, const char *passwd,
                 int timeout, MediaData_t *out) {
  (void)proxy, (void)passwd, (void)timeout;
  misbehave(sdk->folder);
  int code = told_code(sdk->folder);
  if (code) return code;
  char name[1024], broken[1100];
  snprintf(name, sizeof name, "media/%s", fileid);
  snprintf(broken, sizeof broken, "media/%s.broken", fileid);
  long size, from = atol(index);
  char *data = read_file(sdk->folder, name, &size);
  if (!data) return 10005;
  long left = number_in(sdk->folder, broken, 0);
  if (left > 0 && from == 0) {
    data[0] ^= 1;
    write_number(sdk->folder, broken, left - 1);
  }
  long length = size - from < CHUNK ? size - from : CHUNK;
  out->data = malloc(length + 1);
  memcpy(out->data, data + from, length);
  out->data_len = (int)length;
  out->outindexbuf = malloc(32);
  out->is_finish = from + length >= size;
  /* nothing follows the last one: whoever asks on begins anew */
  out->out_len = out->is_finish ? 0 : snprintf(out->outindexbuf, 32, "%ld", from + length);
  free(data);
  return 0;
}

void DestroySdk(WeWorkFinanceSdk_t *sdk) { free(sdk); }
Slice_t *NewSlice(void) { return calloc(1, sizeof(Slice_t)); }
void FreeSlice(Slice_t *slice) { free(slice->buf); free(slice); }
char *GetContentFromSlice(Slice_t *slice) { return slice->buf; }
int GetSliceLen(Slice_t *slice) { return slice->len; }
MediaData_t *NewMediaData(void) { return calloc(1, sizeof(MediaData_t)); }
void FreeMediaData(MediaData_t *media) { free(media->outindexbuf); free(media->data); free(media); }
char *GetOutIndexBuf(MediaData_t *media) { return media->outindexbuf; }
char *GetData(MediaData_t *media) { return media->data; }
int GetIndexLen(MediaData_t *media) { return media->out_len; }
int GetDataLen(MediaData_t *media) { return media->data_len; }
int IsMediaDataFinish(MediaData_t *media) { return media->is_finish; }
