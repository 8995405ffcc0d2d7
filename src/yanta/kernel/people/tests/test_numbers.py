from django.db import transaction

from yanta.kernel.people.models import Person
from yanta.kernel.people.rules import is_person_number, person_number
from yanta.kernel.people.services import name_sounds, new_person_numbers
from yanta.kernel.testing.factories import PersonFactory


def test_every_wrong_digit_is_noticed():
    number = person_number(1234)
    for position in range(1, len(number)):
        for digit in "0123456789":
            changed = number[:position] + digit + number[position + 1 :]
            assert is_person_number(changed) == (changed == number)


def test_numbers_are_never_given_twice_even_when_the_work_is_undone(db):
    with transaction.atomic():
        lost = new_person_numbers(3)
        transaction.set_rollback(True)

    assert not set(lost) & set(new_person_numbers(1000))


def test_a_sealed_value_is_found_by_its_index_and_stored_unreadable(db):
    person = PersonFactory(id_number="610113199001011236", phone="16812345678")
    PersonFactory(phone="16800000000")

    assert Person.objects.get(phone="16812345678") == person
    assert list(Person.objects.filter(id_number__in=["610113199001011236", "x"])) == [person]
    Person.objects.filter(pk=person.pk).update(phone="16899999999")
    assert Person.objects.get(phone="16899999999") == person
    assert not Person.objects.filter(phone="16812345678").exists()


def test_names_are_sorted_and_found_by_their_sound_and_written_once(db):
    person = PersonFactory(name="欧阳明")

    assert name_sounds([person.pk]) == 1
    assert name_sounds([person.pk]) == 0

    person.refresh_from_db()
    assert person.sort_name == "ou yang ming"
