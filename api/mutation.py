"""What can be done?"""

from api.curating import Curating
from api.nouns import noun
from api.recording import Recording


@noun
class Mutation(Recording, Curating):
    """What can be done.  Every answer sees its own write; what is refused is refused whole, with a reason."""
