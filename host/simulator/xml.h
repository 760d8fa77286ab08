/* Just as much XML as the known requests need: elements by name, their attributes as text. Not a parser: it looks for
 * tags and knows nothing of what encloses what. Comments and CDATA sections are not understood. */
#ifndef SIMULATOR_XML_H
#define SIMULATOR_XML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { XML_VALUE = 256 };

/* The first start tag of the name, just behind the name. NULL: none. */
const char *xml_find(const char *document, const char *name);

/* An attribute of the tag, its references resolved. false: not there, malformed or too long. */
bool xml_attribute(const char *tag, const char *name, char value[static XML_VALUE]);

/* As text or in an attribute with double quotes. */
void xml_write(FILE *file, const char *text);

#endif
