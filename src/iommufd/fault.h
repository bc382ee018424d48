/* SPDX-License-Identifier: MIT */
/**
 * DOC: Fault queues: page requests that the client answers
 *
 * A device asks for pages in groups (PCIe 10.4, Page Request Interface). The
 * requests of a group are collected until its last one comes; then the group is an
 * event that the client reads, which gives it a cookie, by which the client answers
 * it. A group that will never be answered, because its device leaves the page table
 * or the descriptor is closed, is answered IOMMU_PAGE_INVALID.
 *
 * A group is in one place at a time: among those that are not complete, among the
 * events, or among those that were read. Whoever takes it out answers it; that is
 * done with no lock held, because the device may go on in the same thread.
 */
#ifndef IOMMUFD_FAULT_H
#define IOMMUFD_FAULT_H

#include "iommufd/device.h"
#include "iommufd/eventq.h"

/**
 * struct iommufd_fault_group - a page request group
 * @event: the group as an event; links all lists that it can be in
 * @idev: who asks; a group does not outlive the device
 * @hwpt: what the device was attached to
 * @pasid: and with which PASID
 * @grpid: what the device calls the group
 * @cookie: what the client calls it, once it is read
 * @nr: requests so far
 * @req: the requests
 */
struct iommufd_fault_group {
	struct iommufd_event event;
	struct iommufd_device *idev;
	const struct iommufd_hwpt *hwpt;
	ioasid_t pasid;
	uint32_t grpid;
	uint32_t cookie;
	uint32_t nr;
	struct iommu_page_request req[];
};

/**
 * struct iommufd_fault - a fault queue
 * @q: the queue of complete groups; HWPTs and the open file are its users. Its lock
 *	protects all below
 * @closed: the client has closed the descriptor; requests are refused
 * @partial: groups whose last request has not come
 * @nr_partial: requests in them
 * @read: groups that were read, each at the index cookie - 1
 * @read_size: room at @read
 */
struct iommufd_fault {
	struct iommufd_eventq q;
	bool closed;
	struct iommufd_event *partial;
	unsigned int nr_partial;
	struct iommufd_fault_group **read;
	uint32_t read_size;
};

/** struct iommufd_fault_list - groups to be answered. { 0 } is an empty one. */
struct iommufd_fault_list {
	struct iommufd_event *first;
};

/**
 * iommufd_fault_check() - can @dev be attached to @hwpt as far as faults go?
 *
 * Return: 0; -ENODEV: @hwpt handles page requests, which @dev cannot send.
 */
int iommufd_fault_check(const struct iommufd_hwpt *hwpt, struct iommu_dev *dev);

/**
 * iommufd_fault_cancel() - move what @idev has asked for by @pasid through @hwpt to
 * @answers
 *
 * @idev's requests with @pasid do not meet @hwpt any more. The group's lock is held.
 */
void iommufd_fault_cancel(const struct iommufd_hwpt *hwpt,
			  const struct iommufd_device *idev, ioasid_t pasid,
			  struct iommufd_fault_list *answers);

/**
 * iommufd_fault_answer() - answer all of @answers IOMMU_PAGE_INVALID, and free them
 *
 * Context: no lock held; their devices are still bound.
 */
void iommufd_fault_answer(struct iommufd_fault_list *answers);

/**
 * iommufd_fault_connect() - page requests that meet @hwpt go to the queue @id
 * @hwpt: not attached yet
 *
 * Return: 0 or -ENOENT. Undone by iommufd_fault_disconnect().
 */
int iommufd_fault_connect(struct iommufd_hwpt *hwpt, uint32_t id);

/** iommufd_fault_disconnect() - nothing is attached to @hwpt; fine without a queue. */
void iommufd_fault_disconnect(struct iommufd_hwpt *hwpt);

#endif
