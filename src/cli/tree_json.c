/* SPDX-License-Identifier: MIT */
/* A table as a tree in JSON. */
#include "cli/tree_json.h"

#include <errno.h>

#include "cli/attr.h"
#include "cli/mapping_print.h"
#include "cli/seen.h"

/**
 * struct tree - one call of cli_tree_json()
 * @level: of the tables on the path
 * @depth: how many they are
 * @left: entries that may still be read
 */
struct tree {
	struct cli_json *json;
	const struct soft_root *root;
	const struct cli_range *va;
	struct cli_seen seen;
	unsigned int level[SOFT_MAX_LEVELS];
	unsigned int depth;
	uint64_t left;
};

static void open_entries(struct tree *tree, unsigned int level)
{
	cli_json_array(tree->json, "entries", true);
	tree->level[tree->depth++] = level;
}

/* The array, and the table's object. */
static void close_entries(struct tree *tree)
{
	cli_json_end(tree->json);
	cli_json_end(tree->json);
	tree->depth--;
}

static void leaf_members(struct tree *tree, const struct soft_entry *entry)
{
	struct soft_field field[SOFT_MAX_FIELDS];
	unsigned int n = cli_attributes(tree->root, entry, field);

	cli_json_text(tree->json, "access", cli_access(entry->prot));
	cli_json_hex(tree->json, "oa", entry->oa);
	cli_json_number(tree->json, "bytes", UINT64_C(1) << entry->size_lg2);
	cli_json_number(tree->json, "items", UINT64_C(1) << entry->run_lg2);
	cli_json_bool(tree->json, "accessed", entry->accessed);
	cli_json_bool(tree->json, "dirty", entry->dirty);
	cli_json_object(tree->json, "attributes");
	for (unsigned int i = 0; i < n; i++)
		cli_json_number(tree->json, field[i].name, field[i].value);
	cli_json_end(tree->json);
}

/* Only of a table that is within the range is known what it shows. */
static bool was_shown(struct tree *tree, const struct soft_entry *entry,
		      uint64_t *va)
{
	uint64_t last = entry->va + ((UINT64_C(1) << entry->size_lg2) - 1);

	*va = entry->va;
	return entry->va >= tree->va->first && last <= tree->va->last &&
	       cli_seen_before(&tree->seen, entry->oa | entry->next_level, va);
}

/* Return: 1 not to go down. */
static int table_members(struct tree *tree, const struct soft_entry *entry)
{
	uint64_t va;

	cli_json_text(tree->json, "access", cli_access(entry->prot));
	cli_json_hex(tree->json, "table", entry->oa);
	if (was_shown(tree, entry, &va)) {
		cli_json_hex(tree->json, "same_as", va);
		cli_json_end(tree->json);
		return 1;
	}
	open_entries(tree, entry->next_level);
	return 0;
}

static int visit(void *arg, const struct soft_entry *entry)
{
	struct tree *tree = arg;
	uint64_t cost = entry->kind == SOFT_TABLE ? 512 : 1;

	if (tree->left < cost)
		return -E2BIG;
	tree->left -= cost;
	while (tree->level[tree->depth - 1] != entry->level)
		close_entries(tree);
	cli_json_object(tree->json, NULL);
	cli_json_number(tree->json, "level", entry->level);
	cli_json_number(tree->json, "index", entry->index);
	cli_json_hex(tree->json, "va", entry->va);
	cli_json_hex(tree->json, "raw", entry->raw);
	if (entry->kind == SOFT_TABLE)
		return table_members(tree, entry);
	if (entry->kind == SOFT_LEAF)
		leaf_members(tree, entry);
	else
		cli_json_text(tree->json, "bad", entry->why);
	cli_json_end(tree->json);
	return 0;
}

int cli_tree_json(struct cli_json *json, const struct cli_source *source,
		  const struct cli_range *va, uint64_t max_entries)
{
	struct tree tree = {
		.json = json,
		.root = &source->table.root,
		.va = va,
		.left = max_entries ? max_entries : cli_default_entries(source),
	};
	int rc;

	open_entries(&tree, tree.root->levels - 1);
	rc = soft_visit(source->bus, tree.root, va->first, va->last, visit,
			&tree);
	while (tree.depth > 1)
		close_entries(&tree);
	cli_json_end(json);
	cli_seen_free(&tree.seen);
	return rc;
}
