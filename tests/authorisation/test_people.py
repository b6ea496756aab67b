from maillage.places.permissions import standing_in


def test_everybody_stands_where_they_should(people):
    stand = {
        person.key: (standing_in(person.user, people.place).role, standing_in(person.user, people.other).role)
        for person in people.everybody()
    }
    assert stand == {
        "nadine": ("facilitator", ""),
        "karim": ("colleague", ""),
        "operator": ("operator", "operator"),
        "ines": ("network_officer", ""),
        "officer_elsewhere": ("", ""),
        "perrin": ("observer", ""),
        "lila": ("", "facilitator"),
        "thomas": ("", ""),
        "gone": ("", ""),
        "anonymous": ("", ""),
    }


def test_a_session_is_the_person_s_own(people, client_of):
    for person in people.everybody():
        client = client_of(person)
        client.get("/")
        response = client.get("/gerer/rien-de-tel/")
        inside = person.user is not None and person.key != "gone"
        assert response.status_code == (404 if inside else 302), person.key
