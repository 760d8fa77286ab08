/* application/x-www-form-urlencoded, as bodies have it. */
#ifndef SIMULATOR_FORM_H
#define SIMULATOR_FORM_H

enum form_result { FORM_FIELD, FORM_END, FORM_MALFORMED };

struct form_field {
  char *name;
  char *value;
};

/* Takes the next field off *cursor and decodes it in place: the field's text lives where the form's does. A bad escape
 * and an escaped NUL are malformed. */
enum form_result form_next(char **cursor, struct form_field *field);

#endif
