// SPDX-License-Identifier: GPL-2.0-only
/* From findings and a rubric to points, and the files that say so. */
#include <stdlib.h>
#include <string.h>
#include "lab/verdict/rubric.h"
#include "tools/tool.h"

static const char usage[] =
"usage: verdict --rubric FILE OUT\n"
"\n"
"Prints for each criterion of the rubric its points, one sentence, and evidence where points\n"
"are lost; reads OUT/findings, writes OUT/result.json, OUT/results.json (Gradescope's form)\n"
"and OUT/report.md.\n"
"\n"
"Exit code: 0 all points, 1 some are lost, 2 it could not be graded.\n";

/* What is written beside the terminal. */
static const struct {
	const char *name;
	void (*print)(FILE *out, const void *verdict);
} files[] = {
	{ "result.json", verdict_json }, { "results.json", verdict_gradescope },
	{ "report.md", verdict_markdown },
};

static char *in_folder(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* The folder's own name, without what leads there. */
static const char *name_of(char *folder)
{
	size_t end = strlen(folder);

	while (end > 1 && folder[end - 1] == '/')
		folder[--end] = '\0';
	return strrchr(folder, '/') ? strrchr(folder, '/') + 1 : folder;
}

int main(int argc, char **argv)
{
	const char *rubric_file = NULL;
	const struct tool_option options[] = {
		{ "rubric", .value = &rubric_file }, { 0 }
	};
	int first = tool_options(argc, argv, usage, options);
	static struct findings findings;
	static struct rubric rubric;
	struct verdict v;
	char *path;
	size_t i;

	if (argc - first != 1 || !rubric_file) {
		tool_refuse("a rubric and one folder are needed; --help says more");
		return TOOL_CANNOT;
	}
	path = in_folder(argv[first], "findings");
	if (!path || !rubric_read(&rubric, rubric_file) || !findings_read(&findings, path))
		return TOOL_CANNOT;
	free(path);
	v = verdict_make(&rubric, &findings, name_of(argv[first]));
	if (!v.of) {
		tool_refuse("nothing of what the rubric grades was looked at");
		return TOOL_CANNOT;
	}
	verdict_text(stdout, &v);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		bool good;

		path = in_folder(argv[first], files[i].name);
		good = path && tool_write(path, files[i].print, &v);
		free(path);
		if (!good)
			return TOOL_CANNOT;
	}
	return tool_leave(v.lost ? TOOL_DIFFERS : 0);
}
