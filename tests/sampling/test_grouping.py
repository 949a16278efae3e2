from persimg.sampling.grouping import grouped, padded_rows
from persimg.sampling.task import ConceptUse, Task

CAT, DOG = (ConceptUse("cat", "1"),), (ConceptUse("dog", "2"),)


def test_groups_are_of_equal_concepts_and_shape():
    asked = [(CAT, 5), (DOG, 5), (CAT, 5), (CAT, 6), ((), 5), (DOG, 5)]
    tasks = [Task(str(i), concepts=concepts, steps=steps) for i, (concepts, steps) in enumerate(asked)]
    assert [[task.prompt for task in group] for group in grouped(tasks)] == [["0", "2"], ["1", "5"], ["3"], ["4"]]


def test_padding_is_counted_group_by_group():
    assert [padded_rows([50] * 4, batch) for batch in (1, 10, 16, 64)] == [200, 200, 256, 256]
    assert padded_rows([3, 5], 4) == 12 and padded_rows([], 4) == 0
