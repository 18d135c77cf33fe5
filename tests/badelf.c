// SPDX-License-Identifier: GPL-2.0-only
/*
 * Spoil a good guest image: badelf KIND GOOD.ELF BAD.ELF. Prints the pattern
 * that the refusal must match; `badelf list` prints every kind.
 *
 * Source: System V ABI, "ELF Header", "Program Header".
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct image {
	unsigned char *data;
	size_t size;
	Elf64_Ehdr *header;
	Elf64_Phdr *load[2];	/* two PT_LOAD; the same one twice if it is alone */
	Elf64_Phdr *note;
};

static void truncated(struct image *im)
{
	im->size = im->load[0]->p_offset + im->load[0]->p_filesz / 2;
}

static void header_only(struct image *im)
{
	im->size = 40;
}

static void not_elf(struct image *im)
{
	memcpy(im->data, "#!/bin/sh\n", 10);
}

static void wrong_class(struct image *im)
{
	im->header->e_ident[EI_CLASS] = 3;
}

static void wrong_machine(struct image *im)
{
	im->header->e_machine = EM_AARCH64;
}

static void no_note(struct image *im)
{
	im->note->p_type = PT_NULL;
}

static void outside(struct image *im)
{
	im->load[1]->p_paddr = 0x7fff000000000000;
}

static void too_large(struct image *im)
{
	im->load[1]->p_memsz = 1ull << 40;
}

static void wraps(struct image *im)
{
	im->load[1]->p_memsz = -im->load[1]->p_paddr;
}

static void overlap(struct image *im)
{
	im->load[1]->p_paddr = im->load[0]->p_paddr;
	im->load[1]->p_memsz = im->load[1]->p_filesz > 4096 ? im->load[1]->p_filesz : 4096;
}

static void start_info(struct image *im)
{
	im->load[0]->p_paddr = 0x6000;
}

static const struct {
	const char *kind, *pattern;
	void (*spoil)(struct image *im);
} kinds[] = {
	{ "truncated",		"PT_LOAD p_(offset|filesz)",	truncated },
	{ "header_only",	"file size",			header_only },
	{ "not_elf",		"EI_MAG",			not_elf },
	{ "wrong_class",	"EI_CLASS",			wrong_class },
	{ "wrong_machine",	"e_machine",			wrong_machine },
	{ "no_note",		"PT_NOTE",			no_note },
	{ "outside",		"PT_LOAD p_paddr",		outside },
	{ "too_large",		"PT_LOAD p_memsz",		too_large },
	{ "wraps",		"PT_LOAD p_memsz",		wraps },
	{ "overlap",		"PT_LOAD p_paddr",		overlap },
	{ "start_info",		"PT_LOAD p_paddr",		start_info },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static void die(const char *what)
{
	fprintf(stderr, "badelf: %s\n", what);
	exit(2);
}

static void read_image(struct image *im, const char *file)
{
	FILE *f = fopen(file, "rb");
	Elf64_Phdr *p;
	int i, loads = 0;

	im->data = calloc(1, 1 << 22);
	if (!f || !im->data)
		die("cannot read the good image");
	im->size = fread(im->data, 1, 1 << 22, f);
	fclose(f);
	im->header = (Elf64_Ehdr *)im->data;
	p = (Elf64_Phdr *)(im->data + im->header->e_phoff);
	for (i = 0; i < im->header->e_phnum; i++) {
		if (p[i].p_type == PT_NOTE)
			im->note = &p[i];
		if (p[i].p_type == PT_LOAD && loads < 2)
			im->load[loads++] = &p[i];
	}
	if (!im->note || loads < 2)
		die("the good image must have a PT_NOTE and two PT_LOAD");
}

int main(int argc, char **argv)
{
	struct image im = { 0 };
	FILE *f;
	size_t i;

	if (argc == 2 && !strcmp(argv[1], "list")) {
		for (i = 0; i < KINDS; i++)
			puts(kinds[i].kind);
		return 0;
	}
	if (argc != 4)
		die("usage: badelf list | badelf KIND GOOD.ELF BAD.ELF");
	read_image(&im, argv[2]);
	for (i = 0; i < KINDS && strcmp(argv[1], kinds[i].kind); i++)
		;
	if (i == KINDS)
		die("no such kind");
	kinds[i].spoil(&im);
	f = fopen(argv[3], "wb");
	if (!f || fwrite(im.data, 1, im.size, f) != im.size || fclose(f))
		die("cannot write the bad image");
	puts(kinds[i].pattern);
	free(im.data);
	return 0;
}
