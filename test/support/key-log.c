// SPDX-License-Identifier: Apache-2.0
// Makes a program that uses OpenSSL 1.1.1 or newer, and does not log its keys itself, append them to the file that
// SSLKEYLOGFILE names:
//
//   gcc -shared -fPIC -o key-log.so key-log.c
//   SSLKEYLOGFILE=/run/keys.log LD_PRELOAD=$PWD/key-log.so kamailio ...
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

// A line is one write to a file opened for appending: lines of several processes do not mix.
static void append(const void *ssl, const char *line) {
  const char *path = getenv("SSLKEYLOGFILE");
  int file = path ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
  if (file < 0) return;
  struct iovec parts[] = {{(void *)line, strlen(line)}, {"\n", 1}};
  ssize_t written = writev(file, parts, 2);
  (void)ssl, (void)written;
  close(file);
}

// The library may be one of a module that is loaded later: nothing is linked against it.
static void *function(const char *name) {
  void *library = dlopen("libssl.so.3", RTLD_LAZY);
  if (!library) library = dlopen("libssl.so.1.1", RTLD_LAZY);
  return library ? dlsym(library, name) : NULL;
}

static void *logged(void *context) {
  void (*set_callback)(void *, void (*)(const void *, const char *)) = function("SSL_CTX_set_keylog_callback");
  if (context && set_callback) set_callback(context, append);
  return context;
}

void *SSL_CTX_new(const void *method) {
  void *(*original)(const void *) = function("SSL_CTX_new");
  return original ? logged(original(method)) : NULL;
}

void *SSL_CTX_new_ex(void *library, const char *properties, const void *method) {
  void *(*original)(void *, const char *, const void *) = function("SSL_CTX_new_ex");
  return original ? logged(original(library, properties, method)) : NULL;
}
