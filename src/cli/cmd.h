/* SPDX-License-Identifier: MIT */
/**
 * DOC: The commands of uiommu(1)
 */
#ifndef CLI_CMD_H
#define CLI_CMD_H

/** cmd_run() - `uiommu run`; @argv[0] is "run". Return: the exit status. */
int cmd_run(int argc, char **argv);

/** cmd_formats() - `uiommu formats`; @argv[0] is "formats". */
int cmd_formats(int argc, char **argv);

/** cmd_dump() - `uiommu dump`; @argv[0] is "dump". Return: the exit status. */
int cmd_dump(int argc, char **argv);

/** cmd_walk() - `uiommu walk`; @argv[0] is "walk". Return: the exit status. */
int cmd_walk(int argc, char **argv);

/** cmd_draw() - `uiommu draw`; @argv[0] is "draw". Return: the exit status. */
int cmd_draw(int argc, char **argv);

/** cmd_bench() - `uiommu bench`; @argv[0] is "bench". Return: the exit status. */
int cmd_bench(int argc, char **argv);

/** cmd_check() - `uiommu check`; @argv[0] is "check". Return: the exit status. */
int cmd_check(int argc, char **argv);

/** cmd_diff() - `uiommu diff`; @argv[0] is "diff". Return: the exit status. */
int cmd_diff(int argc, char **argv);

#endif
